/** What Linux tells in /proc, read from what it has told. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { familyOf, parseMemory, parseNetwork, parseProcessors, parseStat, processStat } from './procfs.ts';

test('the state of a process is read, whatever its name is', () => {
  const line =
    '1234 (a) b (c) S 1 1200 1200 0 -1 4194560 1 2 3 4 10 20 30 40 20 0 7 0 98765 1000000 321 184467 1 1 0';
  assert.equal(parseStat(line), {
    pid: 1234,
    state: 'S',
    parent: 1,
    group: 1200,
    cpuTicks: 100,
    startTicks: 98765,
    rssPages: 321,
  });
  assert.is(parseStat(''), undefined);
  assert.is(parseStat('1 (x'), undefined);
});

test('this process is found, and one that is not there is not', async () => {
  const own = await processStat(process.pid);
  assert.is(own?.pid, process.pid);
  assert.is(own?.parent, process.ppid);
  assert.is(await processStat(0), undefined);
});

test('a family is a group and all that descends from it', () => {
  const process = (pid: number, parent: number, group: number) => ({
    ...{ pid, state: 'S', parent, group },
    ...{ cpuTicks: 0, startTicks: 0, rssPages: 0 },
  });
  // 12 has left the group with its child 13; 14 has lost its parent and stayed in the group; 20 is a stranger.
  const all = [
    process(13, 12, 12),
    process(10, 1, 10),
    process(11, 10, 10),
    process(12, 11, 12),
    process(14, 1, 10),
    process(20, 1, 20),
  ];
  assert.equal(
    familyOf(10, all)
      .map(({ pid }) => pid)
      .sort(),
    [10, 11, 12, 13, 14],
  );
});

test('times, memory and traffic of a machine are read', () => {
  assert.equal(parseProcessors('cpu  100 0 50 800 50 0 0 0 7 0\ncpu0 1 2 3\n'), {
    busyMs: 1_500,
    totalMs: 10_000,
  });
  assert.equal(parseMemory('MemTotal:  1000 kB\nMemFree: 1 kB\nMemAvailable:    400 kB\n'), {
    totalBytes: 1_024_000,
    usedBytes: 614_400,
  });
  const header = 'Inter-|   Receive\n face |bytes packets\n';
  const lines =
    '    lo: 999 1 0 0 0 0 0 0 999 1\n  eth0: 100 1 0 0 0 0 0 0 200 1\n veth1:5 1 0 0 0 0 0 0 6 1\n';
  assert.equal(parseNetwork(header + lines), { inBytes: 105, outBytes: 206 });
});

test.run();
