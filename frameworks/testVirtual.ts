/** For tests: one framework on slaves in virtual time, on a master or without. */
import { fold } from '../harness/measure/fold.ts';
import { invariants } from '../harness/measure/invariants.ts';
import type { Check } from '../harness/result.ts';
import type { AllocationFactory } from '../mesos/allocation/allocation.ts';
import { fair } from '../mesos/allocation/fair.ts';
import type { ExecutorFactory } from '../mesos/driver/executor.ts';
import type { SchedulerFactory } from '../mesos/driver/scheduler.ts';
import { schedulerActor } from '../mesos/driver/schedulerActor.ts';
import { emulated } from '../mesos/isolation/emulated.ts';
import { master } from '../mesos/master/master.ts';
import { MASTER_DEFAULTS } from '../mesos/master/options.ts';
import type { HistoryEvent, HistoryLine } from '../mesos/protocol/history.ts';
import type { Resources } from '../mesos/protocol/resources.ts';
import { VirtualCluster } from '../mesos/runtime/virtual.ts';
import { slave } from '../mesos/slave/slave.ts';
import { standalone } from './standalone/standalone.ts';

/** Both, for tests that are the same on either. */
export const SYSTEMS = ['mesos', 'standalone'] as const;

/** What a test may choose. */
export interface TestVirtualOptions {
  readonly system?: (typeof SYSTEMS)[number];
  readonly models: Readonly<Record<string, ExecutorFactory>>;
  /** Attributes by hostname; default: node1 to node3 without any. */
  readonly slaves?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Of each slave. */
  readonly resources?: Resources;
  readonly seed?: number;
  /** Of the master; default fair sharing. */
  readonly allocation?: AllocationFactory;
}

/** A framework that was started. */
export interface TestVirtual {
  readonly virtual: VirtualCluster;
  readonly history: readonly HistoryLine[];
  startMaster(): string;
  startSlave(hostname: string): void;
  /** Starts a framework; under the same name it takes the place of the one before, or is told that it may not. */
  startFramework(name: string, factory: SchedulerFactory, takesOver?: string): void;
  /** Lets so much time pass. */
  run(ms: number): void;
  /** Lets time pass until this holds, an hour at most, and a second for what is still under way. Did it hold? */
  until(holds: () => boolean): boolean;
  seen<E extends HistoryEvent['event']>(event: E): readonly (HistoryLine & { event: E })[];
  /** Checks over the history that have failed. */
  broken(): readonly Check[];
}

const MASTER = 'master@master:5050';
const NODES: Readonly<Record<string, Readonly<Record<string, string>>>> = { node1: {}, node2: {}, node3: {} };
const COMMAND = { shell: false, value: 'modelled', arguments: [], environment: {} };
const RESOURCES = { cpus: 4, mem: 4096 };

/** A master, if there is to be one, and slaves; on `standalone` the slaves are those of the one framework. */
export function testVirtual(options: TestVirtualOptions): TestVirtual {
  const { system = 'mesos', models, slaves = NODES, resources = RESOURCES, seed = 1 } = options;
  const { allocation = fair() } = options;
  const history: HistoryLine[] = [];
  const virtual = new VirtualCluster({ seed, history: (line) => history.push(line) });
  const startMaster = (): string =>
    virtual.process('master:5050').spawn('master', master({ ...MASTER_DEFAULTS, allocation }));
  const startSlave = (hostname: string, address = MASTER): void => {
    const process = virtual.process(`${hostname}:5051`);
    const isolation = emulated(process, models, (run) => virtual.at(virtual.now, run));
    const own = { hostname, resources, attributes: slaves[hostname] ?? {} };
    process.spawn('slave', slave({ master: address, ...own, isolation, commandExecutor: COMMAND }));
  };
  if (system === 'mesos') {
    startMaster();
    for (const hostname of Object.keys(slaves)) startSlave(hostname);
  }
  return {
    virtual,
    history,
    startMaster,
    startSlave,
    startFramework(name, factory, takesOver) {
      const frameworkInfo = { user: 'test', name, failoverTimeout: 60, ...(takesOver && { id: takesOver }) };
      const more = { frameworkInfo, factory, stopped: () => {} };
      const process = virtual.process(`${name}:0`);
      if (system === 'mesos') process.spawn('scheduler', schedulerActor({ ...more, master: MASTER }));
      else {
        const slavesMin = Object.keys(slaves).length;
        const address = virtual.process(`${name}:5050`).spawn('master', standalone({ ...more, slavesMin }));
        for (const hostname of Object.keys(slaves)) startSlave(hostname, address);
      }
    },
    run: (ms) => void virtual.run(() => false, virtual.now + ms),
    until(holds) {
      virtual.run(holds, virtual.now + 3_600_000);
      const held = holds();
      virtual.run(() => false, virtual.now + 1_000);
      return held;
    },
    seen: (event) =>
      history.filter((line): line is HistoryLine & { event: typeof event } => line.event === event),
    broken: () => fold(history, invariants()).filter(({ verdict }) => verdict !== 'passed'),
  };
}
