/** The child process of tests of the wire runtime; see {@link startChild}. */
import { SLAVE_INBOX } from '../protocol/message.ts';
import { type ChildOrders, note } from './testProbe.ts';
import { startWire } from './wire.ts';

const orders = JSON.parse(process.argv[2] ?? '{}') as ChildOrders;
const runtime = await startWire({
  listen: { host: '127.0.0.1', port: orders.port ?? 0 },
  log: (line) => process.stderr.write(`${line}\n`),
});
const address = runtime.spawn('child', {
  inbox: SLAVE_INBOX,
  create: (context) => {
    if (orders.greet !== undefined) context.send(orders.greet, note('hello'));
    return {
      receive: (message, from) => {
        switch (orders.answer) {
          case undefined:
          case 'echo':
            context.send(from, message);
            return;
          case 'close':
            context.send(from, note('goodbye'));
            // The process must end by itself: nothing of the runtime may keep it alive.
            process.disconnect?.();
            runtime.close();
            return;
          case 'throw':
            throw new Error('on purpose');
          default:
            orders.answer satisfies never;
        }
      },
    };
  },
});
process.send?.(address);
