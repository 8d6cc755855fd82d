import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FrameworkId } from '../protocol/entities.ts';
import type { Resources } from '../protocol/resources.ts';
import type { AllocationModule, Grant, Revocation, RunningTask } from './allocation.ts';
import { allocator } from './allocator.ts';
import { fair } from './fair.ts';
import { byShare, inOrder } from './line.ts';
import type { AllocationOptions } from './options.ts';
import { moduleOf, pairs, slaveOf, use } from './testModule.ts';

const CPU = { cpus: 1, mem: 1024 };
const REVOCATION = { afterMs: 10_000, graceMs: 2_000 };

/** `n` times the resources of one CPU's task. */
const times = (n: number): Resources => ({ cpus: n, mem: 1024 * n });

/** A cluster whose tasks the test starts and ends. */
class Cluster {
  readonly module: AllocationModule;
  readonly tasks = new Map<string, RunningTask & { readonly frameworkId: FrameworkId }>();
  #nowMs = 0;

  constructor(options: AllocationOptions = {}, slaves: readonly Resources[] = [times(8)], factory = fair) {
    this.module = moduleOf(factory({ revocation: REVOCATION, ...options }));
    for (const [n, total] of slaves.entries()) this.module.addSlave(`s${n + 1}`, slaveOf(total));
  }

  framework(id: FrameworkId, guarantee?: Resources): void {
    this.module.addFramework(id, { role: '*', guarantee });
  }

  /** A task that runs since `launchedMs`. */
  task(
    taskId: string,
    frameworkId: FrameworkId,
    launchedMs: number,
    resources: Resources = CPU,
    slaveId = 's1',
  ): void {
    this.module.recovered({ frameworkId, slaveId, pool: 'any', resources });
    this.tasks.set(taskId, {
      taskId,
      frameworkId,
      slaveId,
      pool: 'any',
      resources,
      launchedMs,
      isEnding: false,
    });
  }

  end(taskId: string): void {
    const task = this.tasks.get(taskId);
    if (task === undefined) return;
    this.tasks.delete(taskId);
    this.module.freed(task);
  }

  /** Lets time pass to `nowMs`, calling the module as a master does. What is granted is returned as `reply` says. */
  until(nowMs: number, reply: (grant: Grant) => void = () => {}): Revocation[] {
    const revoked: Revocation[] = [];
    for (;;) {
      for (const grant of this.module.allocate(this.#nowMs)) reply(grant);
      const now = this.module.revoke(this.#nowMs, (id) =>
        [...this.tasks.values()].filter(({ frameworkId }) => frameworkId === id),
      );
      for (const { taskId } of now) {
        const task = this.tasks.get(taskId);
        assert.is(task?.isEnding, false, `${taskId} is revoked twice`);
        if (task) this.tasks.set(taskId, { ...task, isEnding: true });
      }
      revoked.push(...now);
      if (this.#nowMs >= nowMs) return revoked;
      const wakeMs = this.module.nextWakeMs() ?? nowMs;
      assert.ok(wakeMs > this.#nowMs, 'it wants to be asked for ever');
      this.#nowMs = Math.min(nowMs, wakeMs);
    }
  }
}

const ids = (revocations: readonly Revocation[]): readonly string[] =>
  revocations.map(({ taskId }) => taskId);

test('a guarantee that fits is given, one that does not is objected to in a sentence', () => {
  const { module } = new Cluster({ guarantees: { gold: times(5) } });
  assert.is(module.objection({ role: 'gold' }), undefined);
  module.addFramework('g', { role: 'gold' });
  assert.equal(module.guaranteeOf('g'), times(5));
  assert.is(module.objection({ role: '*', guarantee: times(3) }), undefined);
  assert.is(
    module.objection({ role: 'gold' }),
    'its guarantee of cpus:5;mem:5120 cannot be met: with those given before it comes to cpus:10;mem:10240, and the cluster has cpus:8;mem:8192',
  );
  assert.is(module.objection({ role: '*' }), undefined, 'who asks for nothing can always come');
  module.removeFramework('g');
  assert.is(module.objection({ role: 'gold' }), undefined);
});

test('slaves that are away for a while count for guarantees, what is reserved for short tasks does not', () => {
  const { module } = new Cluster({ shortTasks: { reserve: times(2), maxTaskDurationMs: 1 } });
  module.setSlaveActive('s1', false);
  assert.is(module.objection({ role: '*', guarantee: times(6) }), undefined);
  assert.match(
    module.objection({ role: '*', guarantee: times(7) }) ?? '',
    /the cluster has cpus:6;mem:6144$/,
  );
});

test('a framework below its guarantee comes first, up to its guarantee', () => {
  const { module } = new Cluster({}, Array(6).fill(times(2)));
  module.addFramework('f', { role: '*' });
  module.addFramework('g', { role: '*', guarantee: times(6) });
  module.recovered({ frameworkId: 'g', slaveId: 's1', pool: 'any', resources: times(2) });
  assert.equal(pairs(module.allocate(0)), ['g:s2', 'g:s3', 'f:s4', 'f:s5', 'f:s6']);
});

test('the tasks launched last of those above their guarantees end, as many as it takes, and not before the time', () => {
  const cluster = new Cluster();
  cluster.framework('f');
  cluster.framework('g', times(3));
  for (let n = 0; n < 8; n++) cluster.task(`t${n}`, 'f', n);
  assert.equal(cluster.until(9_999), []);
  const revoked = cluster.until(10_000);
  assert.equal(ids(revoked), ['t7', 't6', 't5']);
  assert.equal(revoked[0], { frameworkId: 'f', taskId: 't7', forFrameworkId: 'g', graceMs: 2_000 });
});

test('tasks that are ending already count: nothing is revoked twice, however long they take', () => {
  const cluster = new Cluster();
  cluster.framework('f');
  cluster.framework('g', times(3));
  for (let n = 0; n < 8; n++) cluster.task(`t${n}`, 'f', n);
  assert.is(cluster.until(10_000).length, 3);
  assert.equal(cluster.until(100_000), []);
});

test('what is freed reaches the claimant, though another has a lower share', () => {
  const cluster = new Cluster({}, [times(4), times(4)]);
  cluster.framework('f');
  cluster.framework('poor');
  cluster.framework('g', times(3));
  cluster.task('g1', 'g', 0, CPU, 's1');
  for (let n = 0; n < 7; n++) cluster.task(`t${n}`, 'f', n, CPU, n < 3 ? 's1' : 's2');
  const revoked = cluster.until(10_000);
  assert.is(revoked.length, 2);
  const offered: string[] = [];
  for (const { taskId } of revoked) cluster.end(taskId);
  cluster.until(10_001, (grant) => offered.push(`${grant.frameworkId} ${grant.resources.cpus}`));
  assert.equal(offered, ['g 2']);
});

test('a framework within its guarantee loses nothing, though it has much, and offers do not count against it', () => {
  const cluster = new Cluster({}, [times(4), times(4), times(4)]);
  cluster.framework('f', times(4));
  cluster.framework('h');
  cluster.framework('g', times(4));
  cluster.module.setNeedsOffers('h', false);
  cluster.module.setNeedsOffers('g', false);
  for (let n = 0; n < 4; n++) cluster.task(`f${n}`, 'f', 100 + n, CPU, 's1');
  for (let n = 0; n < 4; n++) cluster.task(`h${n}`, 'h', n, CPU, 's2');
  cluster.until(1); // s3 is offered to f, which does not answer
  assert.equal(cluster.module.held('f'), times(8));
  cluster.module.setNeedsOffers('g', true);
  assert.equal(ids(cluster.until(60_000)), ['h3', 'h2', 'h1', 'h0']);
});

test('tasks are taken from a framework only while it is above its guarantee, though that is not enough', () => {
  const cluster = new Cluster({}, [times(6), times(2)]);
  cluster.framework('f', times(4));
  cluster.framework('g', times(4));
  cluster.module.removeSlave('s2'); // both guarantees do not fit any more
  for (let n = 0; n < 6; n++) cluster.task(`t${n}`, 'f', n);
  assert.equal(ids(cluster.until(60_000)), ['t5', 't4']);
});

test('what a large task leaves over is for the next that waits', () => {
  const cluster = new Cluster();
  cluster.framework('f');
  cluster.framework('g', times(2));
  cluster.framework('h', times(2));
  for (let n = 0; n < 4; n++) cluster.task(`t${n}`, 'f', n);
  cluster.task('large', 'f', 9, times(4));
  assert.equal(ids(cluster.until(60_000)), ['large']);
});

test('nothing ends on a slave that would still be of no use', () => {
  const cluster = new Cluster({}, [times(4), times(4)]);
  cluster.framework('f');
  cluster.framework('p', times(2));
  cluster.framework('g', times(4));
  cluster.module.setFilters('g', [{ kind: 'free', resources: times(4) }]);
  for (const slaveId of ['s1', 's2']) {
    cluster.task(`p ${slaveId}`, 'p', 9, CPU, slaveId); // within its guarantee
    for (let n = 0; n < 3; n++) cluster.task(`f${n} ${slaveId}`, 'f', n, CPU, slaveId);
  }
  assert.equal(cluster.until(60_000), []);
});

test('what is reserved for short tasks does not help', () => {
  const cluster = new Cluster({ shortTasks: { reserve: times(2), maxTaskDurationMs: 1 } });
  cluster.framework('f');
  cluster.framework('g', times(2));
  for (let n = 0; n < 6; n++) cluster.task(`t${n}`, 'f', n);
  const refuse = (grant: Grant): void => cluster.module.returned(grant, 1e9);
  assert.equal(cluster.until(1, refuse), []);
  assert.equal(ids(cluster.until(11_000, refuse)), ['t5', 't4']);
});

test('the latest ones that are not needed in the end are left alone', () => {
  const cluster = new Cluster();
  cluster.framework('f');
  cluster.framework('g', times(4));
  cluster.task('large', 'f', 1, times(4));
  cluster.task('small', 'f', 2, times(1));
  cluster.task('other', 'f', 3, times(3));
  assert.equal(ids(cluster.until(10_000)).toSorted(), ['other', 'small']);
  const again = new Cluster();
  again.framework('f');
  again.framework('g', times(4));
  again.task('large', 'f', 1, times(6));
  again.task('small', 'f', 2, times(2));
  assert.equal(ids(again.until(10_000)), ['large']);
});

test('what is free counts, also if it was refused; what a filter excludes does not', () => {
  for (const isFiltered of [false, true]) {
    const cluster = new Cluster({}, []);
    cluster.module.addSlave('s1', slaveOf(times(4), { attributes: { kind: 'good' } }));
    cluster.module.addSlave('s2', slaveOf(times(4)));
    cluster.framework('f');
    cluster.framework('g', times(4));
    for (let n = 0; n < 4; n++) cluster.task(`t${n}`, 'f', n, CPU, 's1');
    cluster.module.setNeedsOffers('f', false);
    if (isFiltered) cluster.module.setFilters('g', [{ kind: 'attribute', name: 'kind', value: 'good' }]);
    const revoked = cluster.until(60_000, (grant) => cluster.module.returned(grant, 1e9));
    assert.is(revoked.length, isFiltered ? 4 : 0);
  }
});

test('tasks end only where the claimant may be offered what they leave', () => {
  const cluster = new Cluster({}, []);
  cluster.module.addSlave('s1', slaveOf(times(4), { hostname: 'a' }));
  cluster.module.addSlave('s2', slaveOf(times(4), { hostname: 'b' }));
  cluster.framework('f');
  cluster.framework('g', times(2));
  for (let n = 0; n < 8; n++) cluster.task(`t${n}`, 'f', n, CPU, n < 4 ? 's1' : 's2');
  cluster.module.setFilters('g', [{ kind: 'hosts', hostnames: ['a'] }]);
  assert.equal(ids(cluster.until(10_000)), ['t3', 't2']);
});

test('a claimant that needs much of one slave gets it from one slave', () => {
  const cluster = new Cluster({}, [times(4), times(4)]);
  cluster.framework('f');
  cluster.framework('g', times(4));
  for (let n = 0; n < 8; n++) cluster.task(`t${n}`, 'f', n, CPU, n % 2 === 0 ? 's1' : 's2');
  cluster.module.setFilters('g', [{ kind: 'free', resources: times(4) }]);
  assert.equal(ids(cluster.until(10_000)), ['t7', 't5', 't3', 't1']);
});

test('offers that others have not answered are waited for once, and then no more', () => {
  const cluster = new Cluster({}, [times(4), times(4)]);
  cluster.framework('h');
  cluster.until(0); // both slaves are offered to h
  cluster.framework('g', times(4));
  cluster.framework('f');
  cluster.module.returned({ frameworkId: 'h', slaveId: 's2', pool: 'any', resources: times(4) }, 1e9);
  for (let n = 0; n < 4; n++) cluster.task(`t${n}`, 'f', n, CPU, 's2');
  assert.equal(cluster.until(10_000), []);
  assert.equal(cluster.until(19_999), []);
  assert.is(cluster.until(20_000).length, 4);
});

test('two that wait do not count on the same, and no more is revoked than both need', () => {
  const other = new Cluster();
  other.framework('f');
  for (let n = 0; n < 8; n++) other.task(`t${n}`, 'f', n);
  other.framework('g', times(2));
  other.framework('h', times(3));
  const revoked = other.until(100_000);
  assert.equal(ids(revoked), ['t7', 't6', 't5', 't4', 't3']);
  assert.equal(
    revoked.map(({ forFrameworkId }) => forFrameworkId),
    ['g', 'g', 'h', 'h', 'h'],
  );
});

test('who does not want offers, or is above its guarantee in anything, claims nothing', () => {
  const cluster = new Cluster();
  cluster.framework('f');
  cluster.framework('g', times(3));
  cluster.framework('h', { cpus: 2, mem: 256 });
  cluster.module.setNeedsOffers('g', false);
  for (let n = 0; n < 7; n++) cluster.task(`t${n}`, 'f', n);
  cluster.task('h', 'h', 0, { cpus: 1, mem: 512 });
  cluster.module.recovered({ frameworkId: 'f', slaveId: 's1', pool: 'any', resources: { mem: 512 } });
  assert.equal(cluster.until(100_000), []);
});

test('who is offered its share in time claims nothing more', () => {
  const cluster = new Cluster();
  cluster.framework('f');
  cluster.framework('g', times(2));
  for (let n = 0; n < 8; n++) cluster.task(`t${n}`, 'f', n);
  cluster.until(9_000);
  cluster.end('t0');
  cluster.end('t1');
  const { module } = cluster;
  assert.equal(
    cluster.until(60_000, (grant) => use(module, grant, grant.resources)),
    [],
  );
  assert.equal(module.held('g'), times(2));
});

test('nothing is revoked unless it is asked for', () => {
  const module = moduleOf(fair({ guarantees: { '*': CPU } }));
  module.addSlave('s', slaveOf(times(2)));
  for (const id of ['f', 'g']) module.addFramework(id, { role: '*' });
  module.recovered({ frameworkId: 'f', slaveId: 's', pool: 'any', resources: times(2) });
  module.allocate(0);
  assert.is(module.nextWakeMs(), undefined);
  assert.equal(
    module.revoke(1e9, () => {
      throw new Error('nobody is to be asked');
    }),
    [],
  );
});

test('which tasks end is a function that can be another', () => {
  const oldestFirst = (options?: AllocationOptions) =>
    allocator(options ?? {}, inOrder(byShare), (a, b) => a.launchedMs - b.launchedMs);
  const cluster = new Cluster({}, [times(8)], oldestFirst);
  cluster.framework('f');
  cluster.framework('g', times(2));
  for (let n = 0; n < 8; n++) cluster.task(`t${n}`, 'f', n);
  assert.equal(ids(cluster.until(10_000)), ['t0', 't1']);
});

test.run();
