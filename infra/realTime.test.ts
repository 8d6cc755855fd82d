import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { localMachines } from './local.ts';
import type { Machine, Machines } from './machine.ts';
import { childrenOf, goFirst } from './realTime.ts';

let machines: Machines;
let machine: Machine;
test.before(async () => {
  machines = await localMachines(mkdtempSync(join(tmpdir(), 'real-time-test-')), ['here']);
  [machine] = machines.machines as [Machine];
});
test.after(async () => {
  await machines[Symbol.asyncDispose]();
});

/** Scheduling policy of a process: 0 is the usual one, 2 is real-time in turns; proc(5) has it as the 41st field of `stat`. */
function policyOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[38]);
}

test('a process gets real-time priority, and what it starts afterwards does not', async () => {
  const parent = spawn('sh', ['-c', 'echo up; read go; sleep 1000 & echo started; wait'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: parent.stdout })[Symbol.asyncIterator]();
  await lines.next();
  const pid = parent.pid as number;
  assert.equal(await childrenOf(machine, pid), []);
  assert.ok(await goFirst(machine, pid));
  parent.stdin.write('\n');
  await lines.next();
  const [child] = await childrenOf(machine, pid);
  assert.is(policyOf(pid) & 0xff, 2);
  assert.is(policyOf(child as number), 0);
  process.kill(child as number, 'SIGKILL');
  parent.kill('SIGKILL');
});

test('a process that is not there gets none, and has no children', async () => {
  assert.is(await goFirst(machine, 2 ** 30), false);
  assert.equal(await childrenOf(machine, 2 ** 30), []);
});

test.run();
