/** What becomes of a cluster's CPUs in a window of time: held by tasks, locked in offers, or neither. */
import { unreserved } from '../../mesos/protocol/resources.ts';
import type { Measure } from '../experiments/experiment.ts';
import { clusterSize } from './cluster.ts';
import { holdings } from './holdings.ts';
import { frameworkKey, isMaster, offerKey } from './scope.ts';
import { type Span, StepFunction } from './stepFunction.ts';

/**
 * Parts of the cluster's CPUs, in percent, as means over the window: `in use (%)` and `in offers (%)` (offered, and not answered
 * yet), and the same of each framework that is named: `NAME share (%)`, `NAME in offers (%)`. Frameworks of the same name are taken
 * together.
 */
export function slotUse(window: Span, frameworks: readonly string[] = []): Measure {
  const cluster = clusterSize();
  const held = holdings();
  const names = new Map<string, string>();
  const offered = new Map<string, StepFunction>();
  const open = new Map<string, { readonly by: string; readonly name: string; readonly cpus: number }>();
  const change = (name: string, t: number, cpus: number): void => {
    const before = offered.get(name) ?? new StepFunction();
    offered.set(name, before);
    before.change(t, cpus);
  };
  const end = (key: string, t: number): void => {
    const offer = open.get(key);
    if (offer !== undefined) change(offer.name, t, -offer.cpus);
    open.delete(key);
  };
  return {
    observe(line) {
      cluster.observe(line);
      held.observe(line);
      switch (line.event) {
        case 'framework-registered':
          names.set(frameworkKey(line), line.name);
          return;
        // What masters before it have offered is void.
        case 'master-elected':
          for (const [key, { by }] of open) if (isMaster(by)) end(key, line.t);
          return;
        case 'offer-sent': {
          const { cpus = 0 } = unreserved(line.resources);
          const name = names.get(frameworkKey(line)) ?? line.frameworkId;
          open.set(offerKey(line), { by: line.by, name, cpus });
          return change(name, line.t, cpus);
        }
        case 'offer-accepted':
        case 'offer-declined':
        case 'offer-rescinded':
          return end(offerKey(line), line.t);
      }
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
  };
}
