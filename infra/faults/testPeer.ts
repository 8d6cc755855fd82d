/**
 * What runs on the machines of the tests: an echo server that also says how many bytes came back to a client of it.
 *
 *     node testPeer.ts serve ADDRESS
 *     node testPeer.ts echo ADDRESS BYTES LIMIT_MS     writes how many milliseconds it took, or `silence`
 */
import { connect, createServer } from 'node:net';

const PORT = 7777;
const [what, host, bytes, limitMs] = process.argv.slice(2) as [string, string, string, string];

if (what === 'serve') {
  createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  }).listen(PORT, host, () => console.log('serving'));
  // Our lifeline.
  process.stdin.resume().on('end', () => process.exit());
} else {
  const startMs = performance.now();
  const socket = connect(PORT, host);
  let left = Number(bytes);
  socket.setTimeout(Number(limitMs), () => {
    console.log('silence');
    process.exit();
  });
  socket.write(Buffer.alloc(left));
  socket.on('data', (chunk) => {
    left -= chunk.length;
    if (left > 0) return;
    console.log(String(performance.now() - startMs));
    process.exit();
  });
}
