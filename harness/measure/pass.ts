/** What folds share that look at the same lines of a history: what these are about, and folds that several of them build on. */
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { isMaster } from './scope.ts';

type OfSlave = HistoryLine & { readonly slaveId: string };
type OfFramework = HistoryLine & { readonly frameworkId: string };
type OfTask = OfFramework & { readonly taskId: string };
type OfOffer = HistoryLine & { readonly offerId: string };

/**
 * Numbers for what lines are about, whoever recorded them and under which ids: tasks, offers and so on are counted from 0, in the order
 * in which they are asked for first. `scope.ts` says which ids mean the same; an offer is one of the master that made it, and of no other.
 */
export interface Pass {
  readonly slave: (line: OfSlave) => number;
  readonly framework: (line: OfFramework) => number;
  readonly task: (line: OfTask) => number;
  readonly offer: (line: OfOffer) => number;
  /** The same fold for all that ask for it. */
  readonly shared: <F>(make: (pass: Pass) => F) => F;
}

/** The pass over a history. A fold that is given none has one of its own. */
export function newPass(): Pass {
  const actors = new Map<string, Actor>();
  const scopes = new Map<string, Scope>();
  const counts = { slaves: 0, frameworks: 0, tasks: 0, offers: 0 };
  const folds = new Map<unknown, unknown>();
  let actor: Actor | undefined;
  const actorOf = ({ by }: HistoryLine): Actor => {
    if (actor?.by === by) return actor;
    actor = actors.get(by) ?? newActor(by);
    return actor;
  };
  const newActor = (by: string): Actor => {
    const name = isMaster(by) ? 'master' : by;
    const scope = scopes.get(name) ?? { slaves: new Map(), frameworks: new Map() };
    scopes.set(name, scope);
    const created = { by, scope, offers: new Map() };
    actors.set(by, created);
    return created;
  };
  const frameworkOf = remembered((line: OfFramework): Framework => {
    const { frameworks } = actorOf(line).scope;
    const known = frameworks.get(line.frameworkId);
    if (known !== undefined) return known;
    const created = { number: counts.frameworks++, tasks: new Map() };
    frameworks.set(line.frameworkId, created);
    return created;
  });
  /** The number of a name, which is the next one if it has none. */
  const numberIn = (
    numbers: Map<string, number>,
    name: string,
    what: 'slaves' | 'tasks' | 'offers',
  ): number => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, counts[what]);
    return counts[what]++;
  };
  const pass: Pass = {
    slave: remembered((line) => numberIn(actorOf(line).scope.slaves, line.slaveId, 'slaves')),
    framework: (line) => frameworkOf(line).number,
    task: remembered((line) => numberIn(frameworkOf(line).tasks, line.taskId, 'tasks')),
    offer: remembered((line) => numberIn(actorOf(line).offers, line.offerId, 'offers')),
    shared<F>(make: (pass: Pass) => F): F {
      if (!folds.has(make)) folds.set(make, make(pass));
      return folds.get(make) as F;
    },
  };
  return pass;
}

/** Numbers by ids. */
interface Actor {
  readonly by: string;
  readonly scope: Scope;
  readonly offers: Map<string, number>;
}

interface Scope {
  readonly slaves: Map<string, number>;
  readonly frameworks: Map<string, Framework>;
}

interface Framework {
  readonly number: number;
  readonly tasks: Map<string, number>;
}

/** Folds ask one after another about the same line. */
function remembered<L extends HistoryLine, T>(find: (line: L) => T): (line: L) => T {
  let latest: L | undefined;
  let found: T;
  return (line) => {
    if (line !== latest) found = find(line);
    latest = line;
    return found;
  };
}
