/** Jobs over random lineages, while tasks fail, executors and hosts are lost and map outputs vanish. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TaskReport } from '../taskData.ts';
import { Dag } from './dag.ts';
import { type Dependency, type JobSpec, type LineageNode, pipelined, type Shuffle } from './lineage.ts';
import { hostPlace, slavePlace } from './pendingTasks.ts';
import { type OpenSite, place } from './placement.ts';
import type { Stage } from './stage.ts';
import { planOf } from './taskPlan.ts';

const SLAVES = ['s0', 's1', 's2'];
const hostOf = (slaveId: string): string => `host of ${slaveId}`;
const STEP = { type: 'groupByKey' } as const;
/** What a task reports that has nothing to tell. */
const NOTHING: TaskReport = {
  result: { type: 'none' },
  accumulators: [],
  cache: { added: [], dropped: [] },
  inputBytes: 0,
};

/** Of the dataset with this number: how it is made of earlier ones. */
interface Shape {
  readonly parents: readonly { readonly at: number; readonly isShuffle: boolean }[];
  readonly partitions: number;
  readonly isCached: boolean;
}

/** What happens next, and to whom. */
interface Event {
  readonly what: 'finish' | 'fail' | 'displace' | 'executor' | 'host' | 'unfetchable' | 'unpersist';
  readonly who: number;
}

const shapes: fc.Arbitrary<readonly Shape[]> = fc.array(
  fc.record({
    parents: fc.array(fc.record({ at: fc.nat(20), isShuffle: fc.boolean() }), { minLength: 1, maxLength: 2 }),
    partitions: fc.integer({ min: 1, max: 4 }),
    isCached: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
);
const events: fc.Arbitrary<readonly Event[]> = fc.array(
  fc.record({
    what: fc.constantFrom(
      ...(['finish', 'finish', 'finish', 'finish', 'fail', 'displace'] as const),
      ...(['executor', 'host', 'unfetchable', 'unpersist'] as const),
    ),
    who: fc.nat(100),
  }),
  { maxLength: 80 },
);

function lineageOf(all: readonly Shape[]): readonly LineageNode[] {
  const nodes: LineageNode[] = [
    {
      id: 0,
      partitions: 3,
      step: { type: 'source' },
      dependencies: [],
      isCached: false,
      hosts: [['x'], [hostOf('s1')], []],
    },
  ];
  let shuffles = 0;
  for (const { parents, partitions, isCached } of all) {
    const own = parents.map(({ at, isShuffle }) => ({
      on: nodes[at % nodes.length] as LineageNode,
      isShuffle,
    }));
    // A narrow dependency has as many partitions as what it is of.
    const narrow = own.find(({ isShuffle }) => !isShuffle)?.on.partitions ?? partitions;
    const dependencies = own.map(({ on, isShuffle }): Dependency => {
      if (!isShuffle && on.partitions === narrow) return { type: 'narrow', on };
      const shuffle: Shuffle = { id: shuffles++, on, parts: narrow, write: {} };
      return { type: 'shuffle', shuffle };
    });
    nodes.push({ id: nodes.length, partitions: narrow, step: STEP, dependencies, isCached });
  }
  return nodes;
}

interface Running {
  readonly stage: Stage;
  readonly partition: number;
  readonly slaveId: string;
}

/** Runs jobs to their end; what happens first is given, then all goes well. */
function run(nodes: readonly LineageNode[], happens: readonly Event[], jobs: number): void {
  let now = 0;
  const ends: string[] = [];
  const dag = new Dag({
    failuresPerTaskMax: 1000,
    now: () => now,
    onEnded: ({ spec }) => ends.push(spec.id),
    onChanged() {},
  });
  const answers = new Map<string, number[]>();
  let submitted = 0;
  const submit = (): void => {
    const node = nodes[nodes.length - 1 - (submitted % Math.min(2, nodes.length))] as LineageNode;
    const partitions = Array.from({ length: node.partitions }, (_, n) => n);
    const spec: JobSpec = {
      id: `job ${submitted}`,
      kind: 'test',
      node,
      partitions,
      action: { type: 'count' },
    };
    const own: number[] = [];
    answers.set(spec.id, own);
    const listener = {
      onResult: (partition: number, _report: TaskReport, answer: { taken(): void }) => {
        own.push(partition);
        answer.taken();
      },
      onAccumulated() {},
      onEnd(failure?: string) {
        assert.is(failure, undefined);
        assert.equal([...own].sort(), partitions, 'each partition answers once');
      },
    };
    dag.submit(spec, listener, submitted++, () => {});
  };

  let running: Running[] = [];
  const launch = (): void => {
    const sites = SLAVES.map((slaveId): OpenSite & { readonly slaveId: string } => ({
      slaveId,
      places: [slavePlace(slaveId), hostPlace(hostOf(slaveId))],
      free: 2 - running.filter((one) => one.slaveId === slaveId).length,
      tasks: [],
    }));
    place(dag.active, sites, now, 5);
    for (const { slaveId, tasks } of sites)
      for (const { stage, partition } of tasks) {
        assert.is(stage.phase(partition), 'pending');
        stage.start(partition);
        running.push({ stage, partition, slaveId });
        assertCanRun(dag, stage);
      }
  };
  const end = (task: Running): void => {
    running = running.filter((one) => one !== task);
  };
  const finish = ({ stage, partition, slaveId }: Running): void => {
    const made = pipelined(stage.node).filter(({ isCached }) => isCached);
    const added = made.map(({ id: dataset }) => ({ dataset, partition, bytes: 1 }));
    dag.finished(stage, partition, slaveId, hostOf(slaveId), { ...NOTHING, cache: { added, dropped: [] } });
  };
  const lose = (slaveId: string): void => {
    for (const task of running.filter((one) => one.slaveId === slaveId)) {
      end(task);
      dag.again(task.stage, task.partition);
    }
    dag.executorLost(slaveId);
  };
  const act = ({ what, who }: Event): void => {
    const task = running[who % Math.max(1, running.length)];
    const slaveId = SLAVES[who % SLAVES.length] as string;
    switch (what) {
      case 'executor':
        return lose(slaveId);
      case 'host':
        lose(slaveId);
        return dag.hostLost(hostOf(slaveId));
      case 'unpersist': {
        const node = nodes[who % nodes.length] as LineageNode;
        dag.cache.dropDataset(node.id);
        return dag.refresh();
      }
      default:
    }
    if (task === undefined) return;
    end(task);
    if (what === 'finish') return finish(task);
    if (what === 'displace') return dag.again(task.stage, task.partition);
    if (what === 'fail') return dag.failed(task.stage, task.partition, 'it was told to');
    const [read] = planOf(task.stage, (shuffle) => dag.outputsOf(shuffle)).shuffles;
    const host = read?.at(0);
    if (read !== undefined && host !== undefined) dag.unfetchable(read.shuffle.id, 0, host, task.stage);
    else task.stage.ignoresMemory = true;
    dag.again(task.stage, task.partition);
  };

  for (let n = 0; n < jobs; n++) {
    submit();
    for (const event of happens.slice((n * happens.length) / jobs, ((n + 1) * happens.length) / jobs)) {
      launch();
      act(event);
      now += 1;
    }
  }
  for (let steps = 0; ends.length < jobs; steps++) {
    assert.ok(steps < 5_000, 'the jobs do not end');
    launch();
    now += 1;
    if (running.length > 0) act({ what: 'finish', who: steps });
  }
  assert.equal([...ends].sort(), [...answers.keys()].sort());
}

/** All that the task would read is there: every map output, or what is made of them in memory. */
function assertCanRun(dag: Dag, stage: Stage): void {
  const isInMemory = (node: LineageNode): boolean => !stage.ignoresMemory && dag.cache.isComplete(node);
  for (const node of pipelined(stage.node, isInMemory))
    if (!isInMemory(node))
      for (const dependency of node.dependencies)
        if (dependency.type === 'shuffle') assert.ok(dag.outputsOf(dependency.shuffle).isComplete);
  const { plan } = planOf(stage, (shuffle) => dag.outputsOf(shuffle)).data;
  for (const [at, { inputs }] of plan.entries())
    for (const input of inputs) if (input.type === 'node') assert.ok(input.node < at);
}

test('whatever is lost, jobs end, each partition answers once, and no task runs before what it reads is there', () => {
  fc.assert(
    fc.property(shapes, events, fc.integer({ min: 1, max: 3 }), (all, happens, jobs) =>
      run(lineageOf(all), happens, jobs),
    ),
    { numRuns: 300 },
  );
});

/** What reads two parts of a shuffle of three maps. */
function readOfShuffle(): LineageNode & { readonly shuffle: Shuffle } {
  const source: LineageNode = {
    id: 0,
    partitions: 3,
    step: { type: 'source' },
    dependencies: [],
    isCached: false,
  };
  const shuffle: Shuffle = { id: 0, on: source, parts: 2, write: {} };
  return {
    shuffle,
    id: 1,
    partitions: 2,
    step: STEP,
    dependencies: [{ type: 'shuffle', shuffle }],
    isCached: false,
  };
}

test('a stage whose map outputs are still there is not run again', () => {
  const read = readOfShuffle();
  const dag = new Dag({ failuresPerTaskMax: 4, now: () => 0, onEnded() {}, onChanged() {} });
  let ran = 0;
  const job = (order: number): void => {
    const spec: JobSpec = {
      id: `${order}`,
      kind: 'test',
      node: read,
      partitions: [0, 1],
      action: { type: 'count' },
    };
    const listener = {
      onResult: (_p: number, _r: TaskReport, a: { taken(): void }) => a.taken(),
      onAccumulated() {},
      onEnd() {},
    };
    dag.submit(spec, listener, order, () => {});
    while (dag.isLaunchable) {
      const site: OpenSite = { places: [], free: 1, tasks: [] };
      place(dag.active, [site], 0, 0);
      for (const { stage, partition } of site.tasks) {
        stage.start(partition);
        ran++;
        dag.finished(stage, partition, 's0', 'h0', NOTHING);
      }
    }
  };
  job(0);
  assert.is(ran, 5);
  job(1);
  assert.is(ran, 7);
  dag.hostLost('h0');
  job(2);
  assert.is(ran, 12);
});

test('a map output that nobody can fetch, however often it is made, fails the jobs of who reads it', () => {
  const node = readOfShuffle();
  const ends: (string | undefined)[] = [];
  const dag = new Dag({ failuresPerTaskMax: 4, now: () => 0, onEnded() {}, onChanged() {} });
  const spec: JobSpec = { id: '0', kind: 'test', node, partitions: [0, 1], action: { type: 'count' } };
  const listener = { onResult() {}, onAccumulated() {}, onEnd: (failure?: string) => ends.push(failure) };
  dag.submit(spec, listener, 0, () => {});
  let fetched = 0;
  for (let rounds = 0; dag.isLaunchable; rounds++) {
    assert.ok(rounds < 100, 'it is tried for ever');
    const site: OpenSite = { places: [], free: 1, tasks: [] };
    place(dag.active, [site], 0, 0);
    for (const { stage, partition } of site.tasks) {
      stage.start(partition);
      if (stage.output.type === 'shuffle') dag.finished(stage, partition, 's0', 'h0', NOTHING);
      else {
        fetched++;
        dag.unfetchable(node.shuffle.id, 2, 'h0', stage);
        dag.again(stage, partition);
      }
    }
  }
  assert.is(fetched, 4);
  assert.is(ends.length, 1);
  assert.match(
    `${ends[0]}`,
    /Partition 2 of dataset 0 .* failed 4 times: no task can fetch its output from h0/,
  );
});

test('a job is not failed for what had failed before it came', () => {
  const node = readOfShuffle();
  const ends: (string | undefined)[] = [];
  const dag = new Dag({ failuresPerTaskMax: 2, now: () => 0, onEnded() {}, onChanged() {} });
  const spec: JobSpec = { id: '0', kind: 'test', node, partitions: [0, 1], action: { type: 'count' } };
  const listener = {
    onResult: (_p: number, _r: TaskReport, answer: { taken(): void }) => answer.taken(),
    onAccumulated() {},
    onEnd: (failure?: string) => ends.push(failure),
  };
  for (let jobs = 0; jobs < 3; jobs++) {
    dag.submit(spec, listener, jobs, () => {});
    // Each time a map output is gone when it is read, and is made again.
    for (let isGone = true; dag.isLaunchable; ) {
      const site: OpenSite = { places: [], free: 1, tasks: [] };
      place(dag.active, [site], 0, 0);
      for (const { stage, partition } of site.tasks) {
        stage.start(partition);
        if (stage.output.type === 'result' && isGone) {
          isGone = false;
          dag.unfetchable(node.shuffle.id, 2, 'h0', stage);
          dag.again(stage, partition);
        } else dag.finished(stage, partition, 's0', 'h0', NOTHING);
      }
    }
  }
  assert.equal(ends, [undefined, undefined, undefined]);
});

test.run();
