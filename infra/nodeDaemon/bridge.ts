/** Run on a machine: a stream between its standard input and output and a port that this machine reaches. */
import { connect } from 'node:net';
import { BRIDGED } from './relay.ts';

const [host = '', port = ''] = process.argv.slice(2);
const socket = connect({ host, port: Number(port), noDelay: true });
socket.once('connect', () => {
  process.stdout.write(`${BRIDGED}\n`);
  process.stdin.pipe(socket);
  socket.pipe(process.stdout);
});
socket.once('error', (error: NodeJS.ErrnoException) => {
  console.error(error.code ?? error.message);
  process.exit(1);
});
socket.once('close', () => process.exit(0));
process.stdout.once('error', () => process.exit(1));
