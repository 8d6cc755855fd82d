/** What becomes of a cluster's CPUs in a window of time: held by tasks, locked in offers, or neither. */
import { unreserved } from '../../mesos/protocol/resources.ts';
import type { Measure } from '../experiments/experiment.ts';
import { clusterSize } from './cluster.ts';
import { foldOf } from './fold.ts';
import { frameworkNames } from './frameworkNames.ts';
import { holdings } from './holdings.ts';
import { onOfferEnd } from './offerEnding.ts';
import { newPass } from './pass.ts';
import { isMaster } from './scope.ts';
import { type Span, StepFunction } from './stepFunction.ts';

/**
 * Parts of the cluster's CPUs, in percent, as means over the window: `in use (%)` and `in offers (%)` (offered, and not answered
 * yet), and the same of each framework that is named: `NAME share (%)`, `NAME in offers (%)`. Frameworks of the same name are taken
 * together.
 */
export function slotUse(window: Span, frameworks: readonly string[] = [], pass = newPass()): Measure {
  const cluster = pass.shared(clusterSize);
  const held = pass.shared(holdings);
  const names = pass.shared(frameworkNames);
  const nameOf = names.result();
  const offered = new Map<string, StepFunction>();
  const open = new Map<number, { readonly by: string; readonly name: string; readonly cpus: number }>();
  const change = (name: string, t: number, cpus: number): void => {
    const before = offered.get(name) ?? new StepFunction();
    offered.set(name, before);
    before.change(t, cpus);
  };
  const end = (key: number, t: number): void => {
    const offer = open.get(key);
    if (offer !== undefined) change(offer.name, t, -offer.cpus);
    open.delete(key);
  };
  return foldOf({
    parts: [cluster, held, names],
    on: {
      // What masters before it have offered is void.
      'master-elected': (line) => {
        for (const [key, { by }] of open) if (isMaster(by)) end(key, line.t);
      },
      'offer-sent': (line) => {
        const { cpus = 0 } = unreserved(line.resources);
        const name = nameOf(line) ?? line.frameworkId;
        open.set(pass.offer(line), { by: line.by, name, cpus });
        change(name, line.t, cpus);
      },
      ...onOfferEnd((line) => end(pass.offer(line), line.t)),
    },
    result() {
      const { cpus } = cluster.result();
      const { total, frameworks: own } = held.result();
      const percent = (of: StepFunction | undefined): number =>
        of !== undefined && cpus > 0 ? (100 * of.mean(window)) / cpus : 0;
      return {
        values: {
          'in use (%)': percent(total.cpus),
          'in offers (%)': [...offered.values()].reduce((sum, of) => sum + percent(of), 0),
          ...Object.fromEntries(
            frameworks.flatMap((name) => [
              [`${name} share (%)`, percent(own.get(name)?.cpus)],
              [`${name} in offers (%)`, percent(offered.get(name))],
            ]),
          ),
        },
      };
    },
  });
}
