/** The JobTracker against a cluster in which anything may happen to any attempt: properties that always hold. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeData, type TaskInfo } from '../../mesos/protocol/entities.ts';
import type { HadoopConfig } from './job.ts';
import { readData, TaskDataSchema, type TaskReport } from './taskData.ts';
import { job, type Run, start } from './testJobs.ts';

const HOSTS = ['a', 'b', 'c', 'd', 'e'];
const MAPS = 6;
const REDUCES = 3;

type Happening =
  | { readonly what: 'offer'; readonly host: number; readonly cpus: number }
  | { readonly what: 'pass'; readonly ms: number }
  | {
      readonly what: 'finish' | 'fail' | 'lose' | 'run' | 'twice' | 'cannot-fetch' | 'cannot-read';
      readonly which: number;
    }
  | { readonly what: 'progress'; readonly which: number; readonly done: number }
  | { readonly what: 'slave-lost'; readonly host: number }
  | { readonly what: 'master-lost' };

const which = fc.nat(50);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant('offer' as const),
      host: fc.nat(4),
      cpus: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ what: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 20_000 }) }),
  },
  { weight: 5, arbitrary: fc.record({ what: fc.constant('finish' as const), which }) },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constantFrom('fail', 'lose', 'run', 'twice', 'cannot-fetch', 'cannot-read'),
      which,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('progress' as const),
      which,
      done: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('slave-lost' as const), host: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('master-lost' as const) }) },
) as fc.Arbitrary<Happening>;

const speculation: fc.Arbitrary<HadoopConfig['speculation']> = fc.constantFrom(
  { policy: 'off' },
  { policy: 'hadoop', ageMinMs: 1_000, shareMax: 1, intervalMs: 500, gap: 0.1 },
  {
    policy: 'late',
    ageMinMs: 1_000,
    shareMax: 0.5,
    intervalMs: 500,
    slowTaskFraction: 0.5,
    slowNodeFraction: 0.2,
  },
);

/** A cluster whose attempts live until something happens to them. */
class Cluster {
  readonly run: Run;
  readonly live = new Map<string, { readonly task: TaskInfo; readonly host: string }>();
  readonly launched = new Set<string>();
  readonly ended: TaskInfo[] = [];
  /** By the file that it is: who wrote it. */
  readonly files = new Map<string, string>();

  constructor(config: Partial<HadoopConfig>) {
    const spread = Array.from({ length: MAPS }, (_, n) => [HOSTS[n % 5] as string]);
    const program = { type: 'wordcount' } as const;
    const jobs = [
      job('j', spread, { reduces: REDUCES, program }),
      job('k', spread, { program: { type: 'textsearch', pattern: 'x' } }),
      job('l', [], { input: [{ outputOf: 'k' }], program: { type: 'textsearch', pattern: 'y' } }),
    ];
    this.run = start(jobs, { failuresPerTaskMax: 1_000, ...config });
  }

  offer(host: string, cpus: number): void {
    for (const task of this.run.master.offer({ [host]: cpus })[host] ?? []) {
      const { taskId } = task;
      assert.not(this.launched.has(taskId), `${taskId} is launched twice`);
      this.launched.add(taskId);
      const name = nameOf(taskId);
      const wanted = [...this.live].filter(
        ([id]) => nameOf(id) === name && !this.run.master.killed.includes(id),
      );
      assert.ok(wanted.length <= 1, `${name} has more than one copy`);
      for (const [, other] of wanted) assert.is.not(other.host, host, `${name} runs twice on ${host}`);
      this.live.set(taskId, { task, host });
    }
  }

  /** What an attempt did, with a report that only it can have written; files are named as its TaskTracker would. */
  finish(taskId: string): void {
    const { task, host } = this.live.get(taskId) ?? {};
    if (task === undefined || host === undefined) return;
    const data = readData(TaskDataSchema, task.data);
    assert.ok(data);
    const label = data?.attempt === undefined ? '' : `.${data.attempt}`;
    const file = `${host}/${nameOf(taskId)}${label}`;
    assert.not(this.files.has(file), `${file} is written by ${this.files.get(file)} and by ${taskId}`);
    this.files.set(file, taskId);
    const isPart = data?.type === 'reduce' || data?.jobId !== 'j';
    const partName = `part-${data?.type === 'map' ? 'm' : 'r'}-${String(data?.index).padStart(5, '0')}`;
    const report: TaskReport = {
      ...{ locality: 'local', inputBytes: 1, outputBytes: 1, counters: { seen: 1 } },
      ...(isPart && {
        part: { name: partName, hosts: [host], ...(label && { file: `${partName}${label}` }) },
      }),
    };
    this.end(taskId, 'TASK_FINISHED', { data: encodeData(report) });
  }

  end(
    taskId: string,
    state: 'TASK_FINISHED' | 'TASK_FAILED' | 'TASK_LOST' | 'TASK_KILLED',
    detail = {},
  ): void {
    const { task } = this.live.get(taskId) ?? {};
    if (task === undefined) return;
    this.live.delete(taskId);
    this.ended.push(task);
    this.run.master.update(task, state, detail);
  }

  happen(what: Happening): void {
    const { master } = this.run;
    const pick = (n: number): string | undefined => [...this.live.keys()][n % Math.max(1, this.live.size)];
    switch (what.what) {
      case 'offer':
        return this.offer(HOSTS[what.host] as string, what.cpus);
      case 'pass':
        return master.clock.advance(what.ms);
      case 'finish':
        return this.finish(pick(what.which) ?? '');
      case 'fail':
        return this.end(pick(what.which) ?? '', 'TASK_FAILED', { message: 'bad luck' });
      case 'lose':
        return this.end(pick(what.which) ?? '', 'TASK_LOST', { reason: 'REASON_SLAVE_REMOVED' });
      case 'cannot-fetch': {
        const taskId = pick(what.which) ?? '';
        const data = readData(TaskDataSchema, this.live.get(taskId)?.task.data);
        if (data?.type !== 'reduce') return;
        const map = what.which % MAPS;
        const host = data.hosts[data.mapHosts[map] ?? 0];
        return this.end(taskId, 'TASK_FAILED', { data: encodeData({ unfetchable: { map, host } }) });
      }
      case 'cannot-read': {
        const taskId = pick(what.which) ?? '';
        const data = readData(TaskDataSchema, this.live.get(taskId)?.task.data);
        if (data?.type !== 'map' || data.outputOf === undefined) return;
        const { id: part, hosts } = data.block;
        const gone = what.which % 3 === 0 ? { goneFrom: hosts } : {};
        const unreadable = { jobId: data.outputOf, part, hosts, ...gone };
        return this.end(taskId, 'TASK_FAILED', { data: encodeData({ unreadable }) });
      }
      case 'run': {
        const { task } = this.live.get(pick(what.which) ?? '') ?? {};
        return task && master.update(task, 'TASK_RUNNING');
      }
      case 'twice': {
        // Of one that has ended: as after a new master.
        const task = this.ended[what.which % Math.max(1, this.ended.length)];
        return task && master.update(task, 'TASK_LOST', { reason: 'REASON_RECONCILIATION' });
      }
      case 'progress': {
        const taskId = pick(what.which);
        const { task } = this.live.get(taskId ?? '') ?? {};
        if (task === undefined || taskId === undefined) return;
        const data = encodeData({ progress: { [taskId]: what.done } });
        return master.scheduler.frameworkMessage(task.slaveId, 'tasktracker', data);
      }
      case 'slave-lost': {
        const host = HOSTS[what.host] as string;
        for (const [taskId, one] of [...this.live])
          if (one.host === host) this.end(taskId, 'TASK_LOST', { reason: 'REASON_SLAVE_REMOVED' });
        return master.scheduler.slaveLost(`s-${host}`);
      }
      case 'master-lost':
        master.scheduler.disconnected();
        return master.scheduler.registered('hadoop-1');
      default:
        what satisfies never;
    }
  }

  /** Nothing goes wrong any more. What was killed dies. */
  calmDown(): void {
    const { master } = this.run;
    for (let round = 0; round < 100 && !master.stopped; round += 1) {
      for (const taskId of [...this.live.keys()])
        if (master.killed.includes(taskId)) this.end(taskId, 'TASK_KILLED');
        else this.finish(taskId);
      if (master.needs.at(-1)) for (const host of HOSTS) this.offer(host, 2);
      master.clock.advance(5_000);
    }
  }
}

/** `j_m_3` of `j_m_3_1`. */
const nameOf = (taskId: string): string => taskId.split('_').slice(0, 3).join('_');

test('whatever happens: all jobs end, each task counts once, no two attempts write the same file, and output is that of one attempt', () => {
  let copies = 0;
  let again = 0;
  fc.assert(
    fc.property(
      fc.record({
        speculation,
        localityWaitMs: fc.constantFrom(0, 5_000),
        failuresPerNodeMax: fc.constantFrom(1, 4),
      }),
      fc.array(happening, { maxLength: 120, size: 'max' }),
      (config, happenings) => {
        const cluster = new Cluster(config);
        // All maps run at once: those that nothing happens to may get copies.
        for (const host of HOSTS) cluster.offer(host, 3);
        for (const each of happenings) cluster.happen(each);
        cluster.calmDown();
        const { summary } = cluster.run;
        assert.equal(
          summary?.jobs.map(({ id, outcome }) => `${id} ${outcome}`),
          ['j finished', 'k finished', 'l finished'],
        );
        for (const { id, counters, userCounters, parts } of summary?.jobs ?? []) {
          const tasks = id === 'j' ? MAPS + REDUCES : MAPS;
          assert.is(userCounters?.seen, tasks, 'of each task what one attempt counted');
          assert.is((counters?.localMaps ?? 0) + (counters?.remoteMaps ?? 0), MAPS);
          assert.is(counters?.mapInputBytes, MAPS);
          assert.is(parts.length, id === 'j' ? REDUCES : MAPS);
          assert.is(new Set(parts.map(({ name }) => name)).size, parts.length);
          for (const { name, file = name, hosts } of parts) {
            // Lost after it was read: nobody wants it any more.
            if (id === 'k' && hosts.length === 0) continue;
            assert.is(hosts.length, 1);
            const [, kind, index] = /^part-([mr])-(\d+)/.exec(name) ?? [];
            const writer = `${hosts[0]}/${id}_${kind}_${Number(index)}${file.slice(name.length)}`;
            assert.ok(cluster.files.has(writer), `${writer} was written`);
          }
        }
        copies +=
          summary?.jobs.reduce((sum, { counters }) => sum + (counters?.speculativeAttempts ?? 0), 0) ?? 0;
        const { history } = cluster.run.master;
        const count = (name: string): number => history.filter(({ event }) => event === name).length;
        assert.ok(count('job-finished') >= 3);
        assert.is(count('job-finished'), count('job-submitted'));
        again += count('job-submitted') - 3;
      },
    ),
    { numRuns: 300, seed: 20_110_330 },
  );
  assert.ok(copies > 300, `${copies} copies`);
  assert.ok(again > 30, `what a job wrote was made again ${again} times`);
});

test.run();
