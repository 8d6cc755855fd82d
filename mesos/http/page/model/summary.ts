/** The cluster at a glance, of what the page knows and of what it asked for. */
import type { PolledOffers } from '../polls.ts';
import type { MasterFacts, ResourceSum, Summary } from '../topics.ts';
import { frameworkRow } from './look.ts';
import type { FrameworkState, Model, SlaveState } from './model.ts';
import { dominantShare } from './quantities.ts';
import { phaseOf, TASK_STATES, type TaskState } from './taskStates.ts';

/** Frameworks that are named. */
const TOP = 8;
/** In this order; others follow. */
const FIRST = ['cpus', 'mem', 'gpus', 'disk'];

/** Sums it all up. */
export function summaryOf(
  model: Model,
  master: MasterFacts | undefined,
  metrics: Readonly<Record<string, number>> | undefined,
  offers: PolledOffers | undefined,
): Summary {
  const slaves: Partial<Record<SlaveState, number>> = {};
  for (const { state } of model.slaves.values()) slaves[state] = (slaves[state] ?? 0) + 1;
  const frameworks: Partial<Record<FrameworkState, number>> = {};
  for (const { facts } of model.frameworks.values())
    frameworks[facts.state] = (frameworks[facts.state] ?? 0) + 1;
  return {
    master,
    slaves,
    unreachable: metrics?.['master/slaves_unreachable'],
    frameworks,
    tasks: { ...model.counts },
    endedTasks: metrics && endedTasks(metrics),
    resources: resources(model, offers),
    offers: offers && { count: offers.offers.length, oldestMs: oldestOf(offers) },
    top: [...model.frameworks.values()]
      .filter(({ facts }) => facts.state !== 'completed')
      .map((framework) => ({ framework, share: dominantShare(framework.used, model.total).share }))
      .toSorted((a, b) => b.share - a.share)
      .slice(0, TOP)
      .map(({ framework }) => {
        const held = offers && (offers.held.get(framework.id) ?? { count: 0, oldestMs: undefined });
        return frameworkRow(model, framework, held);
      }),
  };
}

function endedTasks(metrics: Readonly<Record<string, number>>): Partial<Record<TaskState, number>> {
  const counts: Partial<Record<TaskState, number>> = {};
  for (const state of TASK_STATES) {
    const count = metrics[`master/tasks_${state.slice('TASK_'.length).toLowerCase()}`];
    if (phaseOf(state) === 'ended' && count !== undefined) counts[state] = count;
  }
  return counts;
}

function oldestOf({ offers }: PolledOffers): number | undefined {
  let oldest: number | undefined;
  for (const { madeMs } of offers) if (oldest === undefined || madeMs < oldest) oldest = madeMs;
  return oldest;
}

function resources({ total, used }: Model, offers: PolledOffers | undefined): readonly ResourceSum[] {
  const names = Object.keys(total).filter((name) => (total[name] ?? 0) > 0);
  const rank = (name: string): number => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return names
    .toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map((name) => ({
      name,
      total: total[name] ?? 0,
      used: used[name] ?? 0,
      offered: offers && (offers.resources[name] ?? 0),
    }));
}
