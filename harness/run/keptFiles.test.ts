import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { localMachines } from '../../infra/local.ts';
import { keepHistories } from './keptFiles.ts';

const line = (t: number, by: string): string =>
  `${JSON.stringify({ t, seq: 0, by, event: 'master-elected', masterId: by })}\n`;

test('histories are kept as one, also of a process that was killed, or is about to write, in the middle of a line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kept-files-'));
  try {
    await using machines = await localMachines(join(folder, 'machines'), ['one', 'two']);
    const [one, two] = machines.machines.map((machine) => join(machine.folder, 'master.ndjson'));
    appendFileSync(one as string, `${line(1, 'a')}${line(3, 'a')}{"t":4,"seq":1,"by`);
    appendFileSync(two as string, line(12, 'b'));
    const into = join(folder, 'history.ndjson');
    await keepHistories(machines.machines, new Map([['two', 10]]), { via: join(folder, 'via'), into });
    assert.is(readFileSync(into, 'utf8'), line(1, 'a') + line(2, 'b') + line(3, 'a'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
