/** The election through real ZooKeeper servers: three of them. */
import { mkdtemp } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { localMachines } from '../../infra/local.ts';
import type { Machine, Machines } from '../../infra/machine.ts';
import { type Ensemble, startEnsemble } from '../../infra/zookeeper.ts';
import type { OpenElection } from './election.ts';
import { follow, leaders, monotonicMs, stand, startCandidate, until } from './testElection.ts';
import { startProxy } from './testProxy.ts';
import { inOrder } from './zookeeper/masterInfo.ts';
import { openSession, type Session } from './zookeeper/session.ts';
import { readZookeeperUrl } from './zookeeper/url.ts';
import { zookeeperElection } from './zookeeper.ts';

const TICK_MS = 200;
const TIMEOUT_MS = 1_000;
/** The longest that the servers grant. */
const LONG_TIMEOUT_MS = 20 * TICK_MS;
/** The servers end sessions at the ends of ticks. */
const EXPIRY_MAX_MS = TIMEOUT_MS + 2 * TICK_MS;
/** What a machine that is busy with other things may add. */
const SLACK_MS = 1_500;

interface Context {
  machines: Machines;
  machine: Machine;
  ensemble: Ensemble;
  /** Of this test alone. */
  url: string;
  /** Takes part in the election at a URL; closed after the test. */
  join(url: string, timeoutMs?: number): OpenElection;
  elections: OpenElection[];
}

const test = suite<Context>('the election through ZooKeeper');

test.before(async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'zookeeper-test-'));
  context.machines = await localMachines(folder, ['local']);
  context.machine = context.machines.machines[0] as Machine;
  const { machine } = context;
  context.ensemble = await startEnsemble({ machines: [machine, machine, machine], tickTimeMs: TICK_MS });
  await context.ensemble.serving();
});
test.after(async ({ machines }) => machines?.[Symbol.asyncDispose]());

let paths = 0;
test.before.each((context) => {
  context.url = context.ensemble.url(`/test${++paths}/mesos`);
  context.elections = [];
  context.join = (url, timeoutMs = TIMEOUT_MS) => {
    const election = zookeeperElection(url, { sessionTimeoutMs: timeoutMs });
    context.elections.push(election);
    return election;
  };
});
test.after.each(async ({ elections }) => {
  await Promise.all(elections.map((election) => election.close()));
});

/** Looks into ZooKeeper with a session of its own. */
async function withSession<T>(url: string, run: (session: Session, path: string) => Promise<T>): Promise<T> {
  const { path, ...options } = readZookeeperUrl(url);
  const connected = Promise.withResolvers<void>();
  const session = openSession(
    { ...options, timeoutMs: TIMEOUT_MS },
    { connected: connected.resolve, ended: (reason) => connected.reject(new Error(reason)) },
  );
  try {
    await connected.promise;
    await session.sync();
    return await run(session, path);
  } finally {
    await session.close();
  }
}

test('a candidate is a node with the name and the text that Apache Mesos gives it', async ({ url, join }) => {
  const leader = stand(join(url), '127.0.0.1:5050');
  await until('it leads', () => leader.candidacy.leads());
  const nodes = await withSession(url, async (session, path) =>
    Promise.all(
      (await session.children(path)).map(async (name) => [
        name,
        (await session.data(`${path}/${name}`)).toString(),
      ]),
    ),
  );
  assert.equal(nodes, [
    [
      'json.info_0000000000',
      '{"address":{"hostname":"127.0.0.1","ip":"127.0.0.1","port":5050},"hostname":"127.0.0.1","id":"127.0.0.1-5050","ip":16777343,"pid":"master@127.0.0.1:5050","port":5050,"version":"0.1.0"}',
    ],
  ]);
});

test('one of three leads; when it withdraws the others follow in the order in which they stood', async ({
  url,
  join,
}) => {
  const follower = follow(join(url));
  const expected = ['unknown', 'vacant'];
  await until('vacancy is known', () => follower.seen.length === 2);
  const candidates = [];
  for (const port of [5051, 5052, 5053]) {
    candidates.push(stand(join(url, LONG_TIMEOUT_MS), `127.0.0.1:${port}`));
    await until('it stands', () =>
      withSession(url, async (session, path) =>
        session.children(path).then(
          (names) => names.length === candidates.length,
          () => false,
        ),
      ),
    );
  }
  for (const [index, { candidacy, address, told }] of candidates.entries()) {
    await until(`${address} leads`, () => candidacy.leads());
    assert.equal(
      candidates.map((candidate) => candidate.candidacy.leads()),
      candidates.map((_, other) => other === index),
    );
    expected.push(`master@${address}`);
    await until('it is known', () => follower.seen.length === expected.length);
    const withdrawnMs = performance.now();
    candidacy.withdraw();
    assert.not(candidacy.leads());
    const next = candidates[index + 1];
    if (next !== undefined) await until('the next one leads', () => next.candidacy.leads());
    // Nobody has waited for the session to expire.
    assert.ok(performance.now() - withdrawnMs < LONG_TIMEOUT_MS / 2);
    assert.equal(
      told.map(({ event, isFirst }) => [event, isFirst]),
      [['elected', index === 0]],
    );
  }
  expected.push('vacant');
  await until('vacancy is known', () => follower.seen.length === expected.length);
  assert.equal(leaders(follower), expected);
});

test('who leads next is known before it does, and who has left is not next', async ({ url, join }) => {
  const election = join(url);
  const seen: (string | undefined)[] = [];
  const isNext = (port: number): boolean => seen.at(-1) === `master@127.0.0.1:${port}`;
  election.followNext?.((next) => seen.push(next));
  const follower = follow(election);
  const [first, second] = [5051, 5052].map((port) => stand(join(url), `127.0.0.1:${port}`));
  await until('both stand', () => seen.length === 1);
  // The leader may hear of it later than who follows.
  await until('one leads', () => [first, second].some((candidate) => candidate?.candidacy.leads()));
  const [leader, other] = first?.candidacy.leads() ? [first, second] : [second, first];
  assert.equal(seen, [`master@${other?.address}`]);
  const third = stand(join(url), '127.0.0.1:5053');
  leader?.candidacy.withdraw();
  await until('the third is next', () => isNext(5053));
  assert.is(leaders(follower).at(-1), `master@${other?.address}`);
  third.candidacy.withdraw();
  await until('nobody is next', () => seen.at(-1) === undefined);
});

test('other nodes beside the candidates do not matter', async ({ url, join }) => {
  await withSession(url, async (session, path) => {
    const node = { data: Buffer.from('?'), kind: 'persistent', writers: 'everybody' } as const;
    await session.create({ ...node, path: path.slice(0, path.lastIndexOf('/')) });
    for (const name of ['', '/log_replicas', '/info_0000000000', '/json.info_'])
      await session.create({ ...node, path: `${path}${name}` });
  });
  const candidate = stand(join(url), '127.0.0.1:5050');
  await until('it leads', () => candidate.candidacy.leads());
  const follower = follow(join(url));
  await until('it is found', () => follower.seen.at(-1)?.is === 'held');
  assert.is(leaders(follower).at(-1), 'master@127.0.0.1:5050');
});

test('when the process that leads is killed, the next one leads after the session timeout', async ({
  url,
  join,
  machine,
}) => {
  const first = await startCandidate(machine, url, '127.0.0.1:5051', TIMEOUT_MS);
  await first.time('elected');
  const second = stand(join(url), '127.0.0.1:5052');
  const follower = follow(join(url));
  await until('the first is found', () => follower.seen.at(-1)?.is === 'held');
  const killedMs = performance.now();
  first.signal('SIGKILL');
  await until('the second leads', () => second.candidacy.leads());
  assert.ok(performance.now() - killedMs < EXPIRY_MAX_MS + SLACK_MS);
  await until('the second is found', () => follower.seen.length === 3);
  assert.is(leaders(follower).at(-1), 'master@127.0.0.1:5052');
});

test('a leader whose process was stopped does not lead when it goes on, and is told so', async ({
  url,
  join,
  machine,
}) => {
  const first = await startCandidate(machine, url, '127.0.0.1:5051', TIMEOUT_MS);
  await first.time('leads');
  const second = stand(join(url), '127.0.0.1:5052');
  first.signal('SIGSTOP');
  await until('the second leads', () => second.candidacy.leads());
  first.signal('SIGCONT');
  await first.time('resumed leads=false');
  await first.time('deposed leads=false');
  assert.not(first.lastLines().some((line) => line.startsWith('resumed leads=true')));
  await first.stop();
});

test('a leader that ZooKeeper no longer hears is deposed before another leads', async ({
  url,
  join,
  ensemble,
}) => {
  const server = ensemble.servers[0]?.address ?? '';
  const proxy = await startProxy(server);
  try {
    const first = stand(join(url.replace(/zk:\/\/[^/]*/, `zk://${proxy.address}`)), '127.0.0.1:5051');
    await until('the first leads', () => first.candidacy.leads());
    const second = stand(join(url), '127.0.0.1:5052');
    // Long enough that the lease is counted from a heartbeat, not from the beginning.
    await new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS / 2));
    proxy.freeze();
    const frozenMs = performance.now();
    let ledUntilMs = frozenMs;
    await until('the first leads no more', () => {
      const lookedMs = performance.now();
      if (!first.candidacy.leads()) return true;
      ledUntilMs = lookedMs;
      return false;
    });
    assert.ok(ledUntilMs - frozenMs < TIMEOUT_MS, 'it led for too long');
    await until('the second leads', () => second.told.length === 1);
    assert.equal(
      first.told.map(({ event }) => event),
      ['elected', 'deposed'],
    );
    assert.match(first.told[1]?.reason ?? '', /out of reach/);
    assert.ok((first.told[1]?.ms ?? Infinity) < (second.told[0]?.ms ?? 0));
  } finally {
    await proxy.close();
  }
});

test('a node whose making was not answered is found again, not made twice', async ({
  url,
  join,
  ensemble,
}) => {
  const proxies = await Promise.all(ensemble.servers.map(({ address }) => startProxy(address)));
  try {
    let cuts = 0;
    for (const proxy of proxies)
      proxy.onRequest((chunk, cut) => {
        if (cuts === 0 && chunk.includes('json.info_')) {
          cuts++;
          cut();
        }
      });
    const servers = proxies.map(({ address }) => address).join(',');
    const candidate = stand(join(url.replace(/zk:\/\/[^/]*/, `zk://${servers}`)), '127.0.0.1:5050');
    await until('it leads', () => candidate.candidacy.leads());
    assert.is(cuts, 1);
    assert.equal(await withSession(url, async (session, path) => inOrder(await session.children(path))), [
      'json.info_0000000000',
    ]);
  } finally {
    await Promise.all(proxies.map((proxy) => proxy.close()));
  }
});

/** Servers that are none of ZooKeeper's: what each does with what it is sent. */
const STRANGE: Readonly<Record<string, (socket: Socket) => void>> = {
  silent: () => {},
  'hanging up': (socket) => socket.end(),
  'refusing a session': (socket) => socket.write(Buffer.from(`00000025${'0'.repeat(74)}`, 'hex')),
  'sending a frame without end': (socket) => socket.write(Buffer.from('7fffffff00', 'hex')),
  'sending a frame too short': (socket) => socket.write(Buffer.from('0000000400000000', 'hex')),
  'sending an answer to nothing': (socket) => {
    const welcome = `${'0'.repeat(8)}${'000003e8'}${'0000000000000001'}${'00000010'}${'0'.repeat(32)}00`;
    socket.write(Buffer.from(`00000025${welcome}00000010${'0000002a'}${'0'.repeat(24)}`, 'hex'));
  },
};

test('servers that refuse, keep silent, hang up or talk nonsense are left for one that serves', async ({
  url,
  join,
}) => {
  const connections = new Map<string, number>();
  const servers = await Promise.all(
    Object.entries(STRANGE).map(async ([name, answer]) => {
      const server = createServer((socket) => {
        connections.set(name, (connections.get(name) ?? 0) + 1);
        socket.on('error', () => {}).on('data', () => answer(socket));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  try {
    const addresses = servers.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`);
    const closed = '127.0.0.1:1';
    for (const [index, address] of [...addresses, closed].entries())
      stand(join(url.replace('zk://', `zk://${address},`)), `127.0.0.1:${6000 + index}`);
    await until('all stand', () =>
      withSession(url, async (session, path) =>
        session.children(path).then(
          (names) => names.length === servers.length + 1,
          () => false,
        ),
      ),
    );
    const alone = stand(join(`zk://${[...addresses, closed].join(',')}/mesos`), '127.0.0.1:7000');
    await until('all have been tried twice', () =>
      Object.keys(STRANGE).every((name) => (connections.get(name) ?? 0) >= 2),
    );
    assert.not(alone.candidacy.leads());
  } finally {
    for (const server of servers) server.close();
  }
});

test('a leader whose node somebody removes is deposed', async ({ url, join }) => {
  const leader = stand(join(url), '127.0.0.1:5050');
  await until('it leads', () => leader.candidacy.leads());
  await withSession(url, (session, path) => session.remove(`${path}/json.info_0000000000`));
  await until('it is deposed', () => leader.told.length === 2);
  assert.not(leader.candidacy.leads());
  assert.match(leader.told[1]?.reason ?? '', /somebody removed json\.info_0000000000/);
});

test('with a user and password, others can read who leads but not change it', async ({ url, join }) => {
  const leader = stand(join(url.replace('zk://', 'zk://mesos:secret@')), '127.0.0.1:5050');
  await until('it leads', () => leader.candidacy.leads());
  const follower = follow(join(url));
  await until('it is found', () => follower.seen.at(-1)?.is === 'held');
  const refusal = await withSession(url, (session, path) =>
    session.remove(`${path}/json.info_0000000000`).then(
      () => 'removed',
      (error: Error) => error.message,
    ),
  );
  assert.match(refusal, /NO_AUTH/);
  const stranger = stand(join(url), '127.0.0.1:5051');
  await until('the stranger is refused', () => stranger.told.length === 1);
  assert.match(stranger.told[0]?.reason ?? '', /NO_AUTH/);
});

test('when the leading server is killed, the session and the leadership survive', async ({
  url,
  join,
  ensemble,
}) => {
  // On a busy machine the servers need some time to find another leader.
  const candidate = stand(join(url, LONG_TIMEOUT_MS), '127.0.0.1:5050');
  const follower = follow(join(url, LONG_TIMEOUT_MS));
  await until('it leads', () => candidate.candidacy.leads());
  await until('it is found', () => follower.seen.at(-1)?.is === 'held');
  const before = await withSession(url, (session, path) => session.children(path));
  const leader = await ensemble.leader();
  await leader?.kill();
  const killedMs = monotonicMs();
  let ledAllTheTime = true;
  await until('the session would have expired', () => {
    ledAllTheTime &&= candidate.candidacy.leads();
    return monotonicMs() - killedMs > LONG_TIMEOUT_MS;
  });
  assert.ok(ledAllTheTime, candidate.told.at(-1)?.reason);
  assert.equal(await withSession(url, (session, path) => session.children(path)), before);
  assert.is(follower.seen.filter(({ is }) => is === 'held').length, 1);
  await leader?.start();
});

test('when all servers are gone, the leader steps down by itself, and who leads is unknown', async ({
  url,
  join,
  ensemble,
}) => {
  const candidate = stand(join(url), '127.0.0.1:5050');
  const election = join(url);
  const follower = follow(election);
  await until('it leads', () => candidate.candidacy.leads());
  await until('it is found', () => follower.seen.at(-1)?.is === 'held');
  await Promise.all(ensemble.servers.map((server) => server.kill()));
  const killedMs = performance.now();
  let ledUntilMs = killedMs;
  await until('it is deposed', () => {
    const lookedMs = performance.now();
    if (candidate.candidacy.leads()) ledUntilMs = lookedMs;
    return candidate.told.length === 2;
  });
  assert.ok(ledUntilMs - killedMs < TIMEOUT_MS);
  assert.not(candidate.candidacy.leads());
  await until('it is unknown', () => follower.seen.at(-1)?.is === 'unknown');

  // They come back, and so does the election.
  await Promise.all(ensemble.servers.map((server) => server.start()));
  const again = stand(election, '127.0.0.1:5051');
  await until('another leads', () => again.candidacy.leads());
  await until('it is found', () => {
    const last = follower.seen.at(-1);
    return last?.is === 'held' && last.master === 'master@127.0.0.1:5051';
  });
});

test.run();
