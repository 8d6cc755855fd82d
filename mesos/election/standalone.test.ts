/** The election through a single ZooKeeper server, which may be the first that people try; and how a process leaves one. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { localMachines } from '../../infra/local.ts';
import type { Machine, Machines } from '../../infra/machine.ts';
import { type Ensemble, startEnsemble } from '../../infra/zookeeper.ts';
import type { OpenElection } from './election.ts';
import { CANDIDATE, follow, LIMIT_MS, NODE, stand, until } from './testElection.ts';
import { zookeeperElection } from './zookeeper.ts';

const TICK_MS = 200;
const TIMEOUT_MS = 1_000;

const test = suite<{
  machines: Machines;
  machine: Machine;
  ensemble: Ensemble;
  election: OpenElection;
}>('one ZooKeeper server');

test.before(async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'standalone-test-'));
  context.machines = await localMachines(folder, ['local']);
  context.machine = context.machines.machines[0] as Machine;
  context.ensemble = await startEnsemble({ machines: [context.machine], tickTimeMs: TICK_MS });
  await context.ensemble.serving();
});
test.before.each((context) => {
  context.election = zookeeperElection(context.ensemble.url('/mesos'), { sessionTimeoutMs: TIMEOUT_MS });
});
test.after.each(async ({ election, ensemble }) => {
  ensemble.servers[0]?.resume();
  await election.close();
});
test.after(async ({ machines }) => machines?.[Symbol.asyncDispose]());

test('its port is none that a program is given which asks for any', ({ ensemble }) => {
  const [from = 0] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split('\t').map(Number);
  for (const { address } of ensemble.servers) assert.ok(Number(address.split(':')[1]) < from, address);
});

test('a server that is stopped in its tracks is no reason to lead on, and one that goes on serves again', async ({
  ensemble,
  election,
}) => {
  const [server] = ensemble.servers;
  const follower = follow(election);
  const first = stand(election, '127.0.0.1:5051');
  await until('it leads', () => first.candidacy.leads());
  await until('it is found', () => follower.seen.at(-1)?.is === 'held');
  server?.pause();
  await until('it is deposed', () => first.told.length === 2);
  assert.not(first.candidacy.leads());
  await until('it is unknown', () => follower.seen.at(-1)?.is === 'unknown');
  server?.resume();
  const second = stand(election, '127.0.0.1:5052');
  await until('the second leads', () => second.candidacy.leads());
  await until('the second is found', () => {
    const last = follower.seen.at(-1);
    return last?.is === 'held' && last.master === 'master@127.0.0.1:5052';
  });
  assert.is(first.told.length, 2);
});

test('a process that has closed its election ends by itself, and the next one leads at once', async ({
  ensemble,
  machine,
  election,
}) => {
  for (const url of [ensemble.url('/mesos'), pathToFileURL(join(machine.folder, 'lock')).href]) {
    const child = spawn(NODE, [CANDIDATE, url, '127.0.0.1:5050', '20000'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const late = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    await until('it leads', () => output.includes('leads '));
    child.stdin.write('close\n');
    const [code] = await once(child, 'exit');
    clearTimeout(late);
    assert.is(code, 0);
    assert.match(output, 'closed leads=false');
    assert.not.match(output, 'deposed');
  }
  const next = stand(election, '127.0.0.1:5051');
  const startedMs = performance.now();
  await until('the next leads', () => next.candidacy.leads());
  // The session of the last one would have lasted for 20 ticks.
  assert.ok(performance.now() - startedMs < (20 * TICK_MS) / 2);
});

test.run();
