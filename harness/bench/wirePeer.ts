/**
 * The other process of the wire benchmark: a master that counts status updates and answers every burst of them, and
 * that answers each PONG with a PING. Over the IPC channel it says its address, and its CPU time when asked.
 */
import { MASTER_INBOX, type MasterMessage } from '../../mesos/protocol/message.ts';
import { startWire } from '../../mesos/runtime/wire.ts';

/** Status updates for which one PING is sent back. */
export const BURST = 100;

/** What this process says over the IPC channel. */
export type WirePeerReport =
  | { readonly kind: 'ready'; readonly address: string }
  | { readonly kind: 'cpu'; readonly microseconds: number };

if (import.meta.main) {
  const tell = (report: WirePeerReport): void => {
    process.send?.(report);
  };
  const runtime = await startWire({ listen: { host: '127.0.0.1', port: 0 }, log: console.error });
  const address = runtime.spawn<MasterMessage>('master', {
    inbox: MASTER_INBOX,
    create: (context) => {
      let updates = 0;
      return {
        receive: (message, from) => {
          if (message.type === 'STATUS_UPDATE') updates++;
          if (message.type === 'PONG' || updates % BURST === 0) context.send(from, { type: 'PING' });
        },
      };
    },
  });
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    tell({ kind: 'cpu', microseconds: user + system });
  });
  process.on('disconnect', () => runtime.close());
  tell({ kind: 'ready', address });
}
