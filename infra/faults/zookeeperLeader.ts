/** The ZooKeeper server that leads is killed; the others elect another one. */
import type { Ensemble, ZookeeperServer } from '../zookeeper.ts';
import type { Effect } from './effect.ts';

/** Servers find a leader, or one of them starts, within so long. */
const SERVING_WITHIN_MS = 30_000;

/** Healed, the server is started again, with its data. */
export function zookeeperLeader(ensemble: Ensemble | undefined): Effect {
  let killed: ZookeeperServer | undefined;
  let isDown = false;
  return {
    async lacking() {
      if (ensemble === undefined) return 'no ZooKeeper servers belong to this run';
      return (await ensemble.leader()) === undefined ? 'no ZooKeeper server leads' : undefined;
    },
    async inject() {
      killed = await ensemble?.leader();
      if (killed === undefined) throw new Error('no ZooKeeper server leads');
      isDown = true;
      await killed.kill();
    },
    async unseen() {
      // An ensemble of one has nobody else.
      if (ensemble?.servers.length === 1) return undefined;
      return (await ensemble?.leader()) === undefined ? 'no other server leads yet' : undefined;
    },
    async heal() {
      if (!isDown) return;
      await killed?.start();
      isDown = false;
    },
    async remaining() {
      return (await killed?.mode()) === undefined
        ? `the server at ${killed?.address} does not serve yet`
        : undefined;
    },
    visibleWithinMs: SERVING_WITHIN_MS,
    recoveredWithinMs: SERVING_WITHIN_MS,
  };
}
