import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Millis } from '../runtime/actor.ts';
import { VirtualCluster } from '../runtime/virtual.ts';
import type { Candidacy, Leadership } from './election.ts';
import { type VirtualEnsemble, virtualEnsemble } from './virtual.ts';

const NETWORK = { latencyMs: 1, jitterMs: 0, detectMs: 2, partitionDetectMs: 10_000 };
const TIMEOUT_MS = 6000;

interface World {
  readonly cluster: VirtualCluster;
  readonly ensemble: VirtualEnsemble;
  /** What the candidates were told, each with its time. */
  readonly told: string[];
}

function start(seed = 1): World {
  const cluster = new VirtualCluster({ seed, network: NETWORK });
  return { cluster, ensemble: virtualEnsemble(cluster, { sessionTimeoutMs: TIMEOUT_MS }), told: [] };
}

/** Stands under a name, and again whenever it is deposed. */
function candidate({ cluster, ensemble, told }: World, name: string): { leads(): boolean; withdraw(): void } {
  const election = ensemble.electionFor(`${name}:5050`);
  let candidacy: Candidacy | undefined;
  const stand = (): void => {
    candidacy = election.stand(
      { id: name, address: `${name}:5050`, version: '0' },
      {
        elected: () => told.push(`${cluster.now} ${name} elected`),
        deposed: (reason) => {
          told.push(`${cluster.now} ${name} deposed: ${reason}`);
          stand();
        },
      },
    );
  };
  stand();
  return { leads: () => candidacy?.leads() === true, withdraw: () => candidacy?.withdraw() };
}

/** What a process is told of the leader. */
function detector({ cluster, ensemble }: World, process = 'slave:5051'): string[] {
  const seen: string[] = [];
  ensemble.electionFor(process).follow((leadership: Leadership) => {
    seen.push(`${cluster.now} ${leadership.is === 'held' ? leadership.master : leadership.is}`);
  });
  return seen;
}

const pass = (cluster: VirtualCluster, ms: Millis): void => void cluster.run(() => false, cluster.now + ms);

test('the first to stand leads, and the next in turn when it withdraws, at once', () => {
  const world = start();
  const { cluster, told } = world;
  const [a, b] = [candidate(world, 'a'), candidate(world, 'b')];
  const seen = detector(world);
  assert.not(a.leads());
  pass(cluster, 100);
  assert.equal(told, ['2 a elected']);
  assert.equal([a.leads(), b.leads()], [true, false]);
  a.withdraw();
  assert.not(a.leads());
  pass(cluster, 100);
  assert.equal(told, ['2 a elected', '102 b elected']);
  assert.equal(seen, ['0 unknown', '2 master@a:5050', '102 master@b:5050']);
});

test('where sessions end at ticks, that of a leader that is killed ends at the next one after the time-out', () => {
  const cluster = new VirtualCluster({ seed: 1, network: NETWORK });
  const ensemble = virtualEnsemble(cluster, { sessionTimeoutMs: TIMEOUT_MS, tickMs: 2500 });
  const world: World = { cluster, ensemble, told: [] };
  candidate(world, 'a');
  candidate(world, 'b');
  // Its last heartbeat came at 4001.
  cluster.at(5000, () => cluster.crash('a:5050'));
  pass(cluster, 60_000);
  assert.equal(world.told, ['2 a elected', '12501 b elected']);
});

test('the session of a leader that is killed ends after the time-out, and then the next leads', () => {
  const world = start();
  const { cluster, told } = world;
  candidate(world, 'a');
  candidate(world, 'b');
  const seen = detector(world);
  // Its last heartbeat left at 4000.
  cluster.at(5000, () => cluster.crash('a:5050'));
  pass(cluster, 60_000);
  assert.equal(told, ['2 a elected', '10002 b elected']);
  assert.equal(seen.slice(-1), ['10002 master@b:5050']);
});

test('a leader that is cut off from the ensemble is deposed before another is elected', () => {
  const world = start();
  const { cluster, told } = world;
  const a = candidate(world, 'a');
  const b = candidate(world, 'b');
  pass(cluster, 5000);
  const partition = cluster.partition(['a:5050'], ['zookeeper:2181']);
  // The last heartbeat that was answered left at 4000 and arrived at 4001.
  pass(cluster, 4999);
  assert.ok(a.leads());
  pass(cluster, 1);
  assert.equal([a.leads(), b.leads()], [false, false]);
  pass(cluster, 2);
  assert.equal([a.leads(), b.leads()], [false, true]);
  assert.equal(told, [
    '2 a elected',
    '10000 a deposed: it is out of touch with those who decide',
    '10002 b elected',
  ]);
  pass(cluster, 60_000);
  partition.heal();
  pass(cluster, 60_000);
  assert.is(told.length, 3);
  b.withdraw();
  pass(cluster, 100);
  assert.ok(a.leads(), 'it stands again');
});

test('a partition that heals in time changes nothing', () => {
  const world = start();
  const { cluster, told } = world;
  const a = candidate(world, 'a');
  candidate(world, 'b');
  const seen = detector(world);
  pass(cluster, 4500);
  const partition = cluster.partition(['a:5050', 'slave:5051'], ['zookeeper:2181']);
  pass(cluster, 5000);
  partition.heal();
  pass(cluster, 60_000);
  assert.ok(a.leads());
  assert.is(told.length, 1);
  assert.equal(seen, ['0 unknown', '2 master@a:5050']);
});

test('a paused leader does not lead when it goes on, though it has not been told yet', () => {
  const world = start();
  const { cluster, told } = world;
  const a = candidate(world, 'a');
  candidate(world, 'b');
  pass(cluster, 5000);
  cluster.pause('a:5050');
  pass(cluster, 8000);
  assert.equal(told, ['2 a elected', '10002 b elected']);
  assert.not(a.leads());
  cluster.resume('a:5050');
  assert.equal(told.slice(2), ['13000 a deposed: it is out of touch with those who decide']);
  pass(cluster, 60_000);
  assert.is(told.length, 3);
});

test('a leader whose time ran out does not lead again by an answer that came while it was paused', () => {
  const world = start();
  const { cluster, told } = world;
  const a = candidate(world, 'a');
  // A heartbeat left at 8000; the one before it is good until 12000, and the session lives until 14001.
  pass(cluster, 8001);
  cluster.pause('a:5050');
  pass(cluster, 4099);
  assert.not(a.leads());
  cluster.resume('a:5050');
  assert.equal(
    told.map((line) => line.split(' ').slice(0, 3).join(' ')),
    ['2 a elected', '12100 a deposed:'],
  );
  assert.not(a.leads());
});

test('without the ensemble nobody leads and nothing is known; when it is back the same sessions go on', () => {
  const world = start();
  const { cluster, ensemble, told } = world;
  const a = candidate(world, 'a');
  candidate(world, 'b');
  const seen = detector(world);
  pass(cluster, 5000);
  cluster.crash(ensemble.process);
  pass(cluster, 3000);
  ensemble.restart();
  pass(cluster, 10_000);
  assert.ok(a.leads(), 'a restart is not noticed');
  cluster.crash(ensemble.process);
  pass(cluster, 30_000);
  assert.not(a.leads());
  assert.match(seen.at(-1) ?? '', /unknown/);
  ensemble.restart();
  pass(cluster, 10_000);
  assert.is(told.filter((line) => line.endsWith('elected')).length, 2, 'one before, one after');
  assert.match(seen.at(-1) ?? '', /master@/);
});

test('a session that ended while its client was out of touch is over for the client, too', () => {
  const world = start();
  const { cluster, told } = world;
  const a = candidate(world, 'a');
  pass(cluster, 5000);
  const partition = cluster.partition(['a:5050'], ['zookeeper:2181']);
  pass(cluster, 30_000);
  const seen = detector(world);
  pass(cluster, 100);
  assert.is(seen.at(-1), '35002 vacant');
  partition.heal();
  pass(cluster, 5000);
  assert.ok(a.leads());
  assert.equal(
    told.map((line) => line.split(' ')[2]),
    ['elected', 'deposed:', 'elected'],
  );
});

test('a detector that stops is told nothing more', () => {
  const world = start();
  const { cluster, ensemble } = world;
  let told = 0;
  const following = ensemble.electionFor('slave:5051').follow(() => told++);
  following.stop();
  candidate(world, 'a');
  pass(cluster, 1000);
  assert.is(told, 0);
});

const NAMES = ['a', 'b', 'c'];
const fault = fc.record({
  kind: fc.constantFrom('cut', 'cut all', 'pause', 'kill', 'withdraw', 'break', 'slow', 'ensemble'),
  who: fc.nat(3),
  atMs: fc.integer({ min: 0, max: 60_000 }),
  forMs: fc.oneof(fc.integer({ min: 1, max: 30_000 }), fc.integer({ min: 4000, max: 7000 })),
});

test('whatever goes wrong, never do two lead at a time; and in the end one leads, and all know who', () => {
  let reigns = 0;
  fc.assert(
    fc.property(fc.array(fault, { maxLength: 10 }), fc.nat(), (faults, seed) => {
      const world = start(seed);
      const { cluster, ensemble, told } = world;
      cluster.duplicateMessages(0.1);
      const candidates = new Map(NAMES.map((name) => [name, candidate(world, name)]));
      const seen = detector(world);
      const zookeeper = ensemble.process;
      for (const { kind, who, atMs, forMs } of faults)
        cluster.at(atMs, () => {
          const name = NAMES[who % 3] ?? 'a';
          const process = who === 3 ? zookeeper : `${name}:5050`;
          const later = (run: () => void): void => cluster.at(cluster.now + forMs, run);
          if (kind === 'cut') later(cluster.partition([process], [zookeeper]).heal);
          else if (kind === 'cut all')
            later(
              cluster.partition(
                NAMES.map((each) => `${each}:5050`),
                [zookeeper],
              ).heal,
            );
          else if (kind === 'pause') {
            cluster.pause(process);
            later(() => cluster.resume(process));
          } else if (kind === 'kill' && who < 3) {
            cluster.crash(process);
            candidates.set(name, candidate(world, name));
          } else if (kind === 'withdraw') {
            candidates.get(name)?.withdraw();
            candidates.set(name, candidate(world, name));
          } else if (kind === 'break') cluster.breakLink(process, zookeeper);
          else if (kind === 'slow') cluster.slowLink(process, zookeeper, forMs, forMs);
          else if (kind === 'ensemble') {
            cluster.crash(zookeeper);
            later(() => {
              cluster.crash(zookeeper);
              ensemble.restart();
            });
          }
        });
      const leaders = (): number => [...candidates.values()].filter((each) => each.leads()).length;
      cluster.run(() => leaders() > 1, 150_000);
      assert.ok(leaders() <= 1, `two lead at ${cluster.now} ms`);
      assert.is(leaders(), 1, 'in the end one leads');
      assert.match(seen.at(-1) ?? '', /master@/);
      reigns += told.filter((line) => line.endsWith('elected')).length;
    }),
    { numRuns: 300 },
  );
  assert.ok(reigns > 500, 'leaders do change');
});

test.run();
