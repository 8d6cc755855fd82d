/**
 * How much a load costs in virtual time: 200 frameworks that launch for ever, tasks of N(30 s, 10 s), at most two on a slave, as in the
 * paper's scalability experiment (NSDI'11 §6.5), here on 1,000 slaves, all in one thread.
 */
import { readLoadConfig } from '../../frameworks/load/config.ts';
import { createLoadExecutor } from '../../frameworks/load/executor.ts';
import { createLoadScheduler } from '../../frameworks/load/scheduler.ts';
import { wallClock } from '../../infra/wallClock.ts';
import { fair } from '../../mesos/allocation/fair.ts';
import { schedulerActor } from '../../mesos/driver/schedulerActor.ts';
import { emulated } from '../../mesos/isolation/emulated.ts';
import { master } from '../../mesos/master/master.ts';
import { MASTER_DEFAULTS } from '../../mesos/master/options.ts';
import { VirtualCluster } from '../../mesos/runtime/virtual.ts';
import { slave } from '../../mesos/slave/slave.ts';
import type { BenchPlan } from './benchPlan.ts';
import { type Measurement, measurement } from './measurement.ts';

const RUNS = 3;
const FRAMEWORKS = 200;
const SLAVES = 1_000;
const SPAN_MS = 300_000;
const COMMAND = { shell: false, value: 'modelled', arguments: [], environment: {} };

/** Runs the load several times. */
export async function benchLoad({
  repetitions = RUNS,
  seed: first,
}: BenchPlan): Promise<readonly Measurement[]> {
  const events: number[] = [];
  const tasks: number[] = [];
  for (let seed = first; seed < first + repetitions; seed++) {
    let launches = 0;
    const cluster = new VirtualCluster({
      seed,
      history: ({ event }) => {
        if (event === 'task-launched') launches++;
      },
    });
    start(cluster, seed);
    const clock = wallClock();
    cluster.run(() => false, SPAN_MS);
    const { wallSeconds } = clock.stop();
    events.push(cluster.events / wallSeconds);
    tasks.push(launches / wallSeconds);
  }
  return [
    measurement('load/200-frameworks-events', 'events/s', 'higher', events),
    measurement('load/200-frameworks-tasks', 'tasks/s', 'higher', tasks),
  ];
}

function start(cluster: VirtualCluster, seed: number): void {
  const address = cluster
    .process('master:5050')
    .spawn('master', master({ ...MASTER_DEFAULTS, allocation: fair() }));
  const models = { load: createLoadExecutor() };
  for (let n = 0; n < SLAVES; n++) {
    const process = cluster.process(`node${n}:5051`);
    const isolation = emulated(process, models, (run) => cluster.at(cluster.now, run));
    const own = { hostname: `node${n}`, resources: { cpus: 2, mem: 512 }, attributes: {} };
    process.spawn('slave', slave({ master: address, ...own, isolation }));
  }
  for (let n = 0; n < FRAMEWORKS; n++) {
    const config = readLoadConfig({
      name: `load${n}`,
      arrivals: { type: 'endless' },
      taskMs: { type: 'normal', mean: 30_000, deviation: 10_000 },
      sizes: [{ resources: { cpus: 1, mem: 256 } }],
      manners: { tasksPerOfferMax: 1 },
      executor: { command: COMMAND },
      seed,
    });
    const frameworkInfo = { user: 'bench', name: config.name };
    const factory = createLoadScheduler(config, { onDone() {} });
    const kind = schedulerActor({ master: address, frameworkInfo, factory, stopped() {} });
    cluster.process(`load${n}:0`).spawn('scheduler', kind);
  }
}
