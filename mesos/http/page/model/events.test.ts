import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Event } from '../../../v1/masterAnswers.ts';
import {
  agent,
  agentAdded,
  agentRemoved,
  framework,
  frameworkAdded,
  frameworkRemoved,
  task,
  taskAdded,
  taskUpdated,
} from '../testEvents.ts';
import { apply } from './events.ts';
import { COMPLETED_MAX, ENDED_MAX, hostnameOf, type Model, newModel } from './model.ts';
import { phaseOf, TASK_STATES } from './taskStates.ts';

const test = suite('the model of a cluster');

const after = (...events: readonly Event[]): Model => events.reduce(apply, newModel());
const nonZero = (sum: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(sum).filter(([, value]) => value !== 0));

const CLUSTER = [
  agentAdded(agent('S1', { cpus: 4, mem: 1000 })),
  agentAdded(agent('S2', { cpus: 8, mem: 500 })),
  frameworkAdded(framework('F1')),
];

test('the first event tells of everything', () => {
  const model = after(...CLUSTER, {
    type: 'SUBSCRIBED',
    subscribed: {
      get_state: {
        get_agents: { agents: [agent('S9', { cpus: 2 })] },
        get_frameworks: { frameworks: [framework('F9')], completed_frameworks: [framework('F8')] },
        get_tasks: {
          tasks: [task('t1', 'F9', 'S9', { cpus: 1 }, 'TASK_RUNNING')],
          completed_tasks: [task('t0', 'F9', 'S9', { cpus: 1 }, 'TASK_FINISHED')],
          unreachable_tasks: [task('t2', 'F9', 'S7', { cpus: 1 }, 'TASK_UNREACHABLE')],
        },
      },
    },
  });
  assert.equal([...model.slaves.keys()], ['S9']);
  assert.is(model.frameworks.get('F8')?.facts.state, 'completed');
  assert.is(model.frameworks.get('F9')?.facts.state, 'connected');
  assert.equal(model.used, { cpus: 1 });
  assert.equal(model.total, { cpus: 2 });
  assert.equal(model.counts, { TASK_FINISHED: 1, TASK_UNREACHABLE: 1, TASK_RUNNING: 1 });
});

test('a task that runs uses what it needs, of its slave, its framework and the cluster', () => {
  const model = after(...CLUSTER, taskAdded(task('t', 'F1', 'S1', { cpus: 0.1, mem: 10 })));
  for (const sum of [model.used, model.frameworks.get('F1')?.used, model.loads.get('S1')?.used])
    assert.equal(sum, { cpus: 0.1, mem: 10 });
  assert.is(model.frameworks.get('F1')?.live, 1);
});

test('a task that ends gives all of it back and is remembered', () => {
  const model = after(
    ...CLUSTER,
    taskAdded(task('t', 'F1', 'S1', { cpus: 0.1 })),
    taskAdded(task('u', 'F1', 'S1', { cpus: 0.2 })),
    taskUpdated('t', 'F1', 'TASK_RUNNING'),
    taskUpdated('t', 'F1', 'TASK_FAILED', {
      message: 'status 1',
      reason: 'REASON_COMMAND_EXECUTOR_FAILED',
    }),
  );
  assert.equal(model.used, { cpus: 0.2 });
  assert.is(model.frameworks.get('F1')?.live, 1);
  const [ended] = model.ended;
  assert.is(ended?.why, 'status 1 (command executor failed)');
  assert.is(ended?.startedMs, 100_000);
  assert.is(ended?.changedMs, 200_000);
  assert.is(model.endedSince, 1);
});

test('tasks of a slave out of reach hold nothing, and hold it again when they are back', () => {
  const lost = after(
    ...CLUSTER,
    taskAdded(task('t', 'F1', 'S1', { cpus: 1 }, 'TASK_RUNNING')),
    taskUpdated('t', 'F1', 'TASK_UNREACHABLE'),
  );
  assert.equal(nonZero(lost.used), {});
  assert.equal(nonZero(apply(lost, taskUpdated('t', 'F1', 'TASK_RUNNING')).used), { cpus: 1 });
});

test('a slave told of again is the same slave; what runs on it stays', () => {
  const model = after(
    ...CLUSTER,
    taskAdded(task('t', 'F1', 'S1', { cpus: 1 })),
    agentAdded(agent('S1', { cpus: 6 }, { active: false })),
  );
  assert.equal(model.total, { cpus: 14, mem: 500 });
  assert.is(model.slaves.get('S1')?.state, 'inactive');
  assert.equal(model.loads.get('S1')?.used, { cpus: 1 });
});

test('how a slave is, is the worst that is known', () => {
  const drain = { config: {} };
  const states = [
    {},
    { active: false },
    { deactivated: true },
    { drain_info: { state: 'DRAINING', ...drain } },
    { deactivated: true, drain_info: { state: 'DRAINED', ...drain } },
  ] as const;
  assert.equal(
    states.map((more) => after(agentAdded(agent('S', {}, more))).slaves.get('S')?.state),
    ['active', 'inactive', 'deactivated', 'draining', 'drained'],
  );
});

test('a slave that leaves takes its resources with it and is remembered by name', () => {
  const model = after(...CLUSTER, agentRemoved('S1'), agentRemoved('S1'));
  assert.equal(model.total, { cpus: 8, mem: 500 });
  assert.is(hostnameOf(model, 'S1'), 'host-S1');
  assert.is(hostnameOf(model, 'S2'), 'host-S2');
  assert.is(hostnameOf(model, 'S3'), 'S3');
});

test('a task may be told of before its framework and its slave', () => {
  const model = after(
    taskAdded(task('t', 'F1', 'S1', { cpus: 1 })),
    agentAdded(agent('S1', { cpus: 4 })),
    frameworkAdded(framework('F1')),
  );
  assert.is(model.frameworks.get('F1')?.facts.name, 'name-F1');
  assert.is(model.frameworks.get('F1')?.live, 1);
  assert.equal(model.loads.get('S1')?.used, { cpus: 1 });
});

test('what is unknown is passed over', () => {
  const model = after(
    taskUpdated('t', 'F1', 'TASK_RUNNING'),
    agentRemoved('S1'),
    frameworkRemoved('F1'),
    { type: 'HEARTBEAT' },
    { type: 'SOMETHING_LATER' } as unknown as Event,
    {},
  );
  assert.is(model.tasks.size, 0);
});

test('of what has ended, the latest are kept', () => {
  const model = after(...CLUSTER);
  for (let n = 0; n < ENDED_MAX + 5; n++) {
    apply(model, taskAdded(task(`t${n}`, 'F1', 'S1', { cpus: 1 })));
    apply(model, taskUpdated(`t${n}`, 'F1', 'TASK_FINISHED'));
  }
  assert.is(model.tasks.size, ENDED_MAX);
  assert.is([...model.ended][0]?.id, 't5');
  assert.is(model.endedSince, ENDED_MAX + 5);
  for (let n = 0; n < COMPLETED_MAX + 5; n++) {
    apply(model, frameworkAdded(framework(`G${n}`)));
    apply(model, frameworkRemoved(`G${n}`));
  }
  assert.is(model.frameworks.has('G4'), false);
  assert.is(model.frameworks.get('G5')?.facts.state, 'completed');
});

/** Any event of a small cluster. */
const anyEvent: fc.Arbitrary<Event> = fc
  .tuple(fc.nat(6), fc.nat(2), fc.nat(2), fc.nat(5), fc.constantFrom(...TASK_STATES), fc.nat(30))
  .map(([kind, f, s, t, state, tenths]): Event => {
    const amounts = { cpus: tenths / 10, mem: tenths };
    switch (kind) {
      case 0:
        return agentAdded(agent(`S${s}`, amounts));
      case 1:
        return agentRemoved(`S${s}`);
      case 2:
        return frameworkAdded(framework(`F${f}`));
      case 3:
        return frameworkRemoved(`F${f}`);
      case 4:
        return taskAdded(task(`t${t}`, `F${f}`, `S${s}`, amounts, state));
      default:
        return taskUpdated(`t${t}`, `F${f}`, state);
    }
  });

test('whatever happens, the sums are what one counts', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
      const model = after(...events);
      const live = [...model.tasks].filter(({ state }) => phaseOf(state) === 'live');
      const cpus = (tasks: typeof live) =>
        Math.round(tasks.reduce((sum, { resources }) => sum + (resources.cpus ?? 0), 0) * 1000) / 1000;
      assert.is(model.used.cpus ?? 0, cpus(live));
      for (const one of model.frameworks.values()) {
        const own = live.filter((each) => each.framework === one);
        assert.is(one.live, own.length);
        assert.is(one.used.cpus ?? 0, cpus(own));
      }
      for (const id of ['S0', 'S1', 'S2']) {
        const own = live.filter(({ slaveId }) => slaveId === id);
        assert.is(model.loads.get(id)?.live ?? 0, own.length);
        assert.is(model.loads.get(id)?.used.cpus ?? 0, cpus(own));
      }
      for (const state of TASK_STATES)
        assert.is(model.counts[state] ?? 0, [...model.tasks].filter((each) => each.state === state).length);
      const total = [...model.slaves.values()].reduce((sum, slave) => sum + (slave.total.cpus ?? 0), 0);
      assert.is(model.total.cpus ?? 0, Math.round(total * 1000) / 1000);
    }),
  );
});

test.run();
