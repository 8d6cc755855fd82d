/** Slaves in one process: the real slave actors, with executors whose tasks only take time. */
import { createLoadExecutor } from '../../frameworks/load/executor.ts';
import type { Detector } from '../../mesos/election/election.ts';
import { emulated } from '../../mesos/isolation/emulated.ts';
import type { Address, Context } from '../../mesos/runtime/actor.ts';
import type { WireRuntime } from '../../mesos/runtime/wire.ts';
import { slave } from '../../mesos/slave/slave.ts';
import type { HostPeer } from './peerConfig.ts';
import { sharingOrders } from './sharing.ts';

/** An executor ends when it has had no task for this long: else each slave would gather one of every framework. */
const EXECUTOR_IDLE_MS = 1_000;
/** So often a few of the slaves are started. */
const STEP_MS = 10;

/** Starts the slaves one after the other, at a constant rate. `started` is called after the last. */
export function startSlaves(
  wire: WireRuntime,
  { first, slaves, resources, spreadMs }: HostPeer,
  master: Address | Detector,
  started: () => void,
): void {
  const isolation = emulated(wire, { load: createLoadExecutor({ idleMs: EXECUTOR_IDLE_MS }) }, setImmediate);
  const kind = slave({ master, resources, attributes: {}, isolation, shared: sharingOrders() });
  const startUpTo = (context: Context, from: number, startMs: number): void => {
    const elapsedMs = context.now() - startMs;
    const to = spreadMs > 0 ? Math.min(slaves, Math.floor((slaves * elapsedMs) / spreadMs)) : slaves;
    for (let n = from; n < to; n++) wire.spawn(`node${first + n}`, kind);
    if (to < slaves) context.after(STEP_MS, () => startUpTo(context, to, startMs));
    else started();
  };
  wire.spawn('pace', {
    inbox: {},
    create(context) {
      context.after(0, () => startUpTo(context, 0, context.now()));
      return { receive() {} };
    },
  });
}
