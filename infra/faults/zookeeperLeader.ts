/** The ZooKeeper server that leads is killed; the others elect another one. */
import type { Ensemble, ZookeeperServer } from '../zookeeper.ts';
import type { Effect } from './effect.ts';
import { kill } from './processes.ts';
import type { Subject } from './subject.ts';

/** Servers find a leader, or one of them starts, within so long. */
const SERVING_WITHIN_MS = 30_000;

/** Healed, the server is started again, with its data. The servers run on these machines. */
export function zookeeperLeader(
  ensemble: Ensemble | undefined,
  machineOf: (name: string) => Subject,
): Effect {
  let killed: { readonly server: ZookeeperServer; readonly effect: Effect } | undefined;
  return {
    async lacking() {
      if (ensemble === undefined) return 'no ZooKeeper servers belong to this run';
      return (await ensemble.leader()) === undefined ? 'no ZooKeeper server leads' : undefined;
    },
    async inject() {
      const server = await ensemble?.leader();
      if (server === undefined) throw new Error('no ZooKeeper server leads');
      killed = { server, effect: kill(machineOf(server.machine), server.process) };
      await killed.effect.inject();
    },
    async unseen() {
      await killed?.effect.unseen();
      // An ensemble of one has nobody else.
      if (ensemble?.servers.length === 1) return undefined;
      return (await ensemble?.leader()) === undefined ? 'no other server leads yet' : undefined;
    },
    async heal() {
      await killed?.effect.heal();
    },
    async remaining() {
      return (await killed?.server.mode()) === undefined
        ? `the server at ${killed?.server.address} does not serve yet`
        : undefined;
    },
    visibleWithinMs: SERVING_WITHIN_MS,
    recoveredWithinMs: SERVING_WITHIN_MS,
  };
}
