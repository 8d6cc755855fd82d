/**
 * The service scheduler: keeps instances of long tasks running, in place of those that end, on whichever slaves will do.
 *
 * It holds no offers. What it knows of its instances is their ids and states, so that a scheduler that takes the place of another
 * makes its books from what the master tells of the tasks that there are, and starts only what is missing.
 */
import { randomExponential } from 'd3-random';
import type { Millis, Timer } from '../../mesos/driver/actor.ts';
import {
  SCHEDULER_DEFAULTS,
  type Scheduler,
  type SchedulerDriver,
  type SchedulerFactory,
} from '../../mesos/driver/scheduler.ts';
import { commandExecutorInfo } from '../../mesos/protocol/commandTask.ts';
import {
  type Attributes,
  encodeData,
  type Offer,
  type SlaveId,
  type TaskId,
  type TaskInfo,
  type TaskStatus,
} from '../../mesos/protocol/entities.ts';
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import { seededUniform } from '../../workloads/random.ts';
import type { JobControl, JobStatus } from '../jobBoard.ts';
import type { Service, ServiceConfig } from './config.ts';
import { type OpenOffer, takeOffer } from './placement.ts';
import { type Instance, type ServiceEnd, ServiceRun } from './serviceRun.ts';
import type { Life } from './taskModel.ts';

/** What became of the services when the framework has ended. */
export interface ServiceSummary {
  readonly framework: string;
  readonly jobs: readonly {
    readonly id: string;
    readonly outcome: 'finished' | 'failed';
    readonly message?: string;
    readonly launches: number;
    readonly failures: number;
    readonly losses: number;
  }[];
}

/** What may be done with services while they run. */
export interface ServiceControl extends JobControl<Service> {
  scale(serviceId: string, instances: number): void;
}

/** Whom to tell what. */
export interface ServiceListener {
  /** The scheduler is made. */
  onReady?(control: ServiceControl): void;
  /** The framework has ended, or the master refused it. */
  onDone(summary: ServiceSummary): void;
}

/** Makes the scheduler of these services, the same in virtual time and for real, with a master and without. */
export function createServiceScheduler(config: ServiceConfig, listener: ServiceListener): SchedulerFactory {
  return (driver) => {
    const scheduler = new ServiceScheduler(config, listener, driver);
    listener.onReady?.(scheduler.control());
    return scheduler;
  };
}

/** How long a slave is refused that no service can use. New needs end all refusals. */
const REFUSE_SECONDS = 60;
/** How long to wait for what the master tells of the tasks that there are, before it is asked again. */
const ASK_AGAIN_MS: Millis = 2_000;
/** A task that there never was: what the master says of it, it says after all that it was asked before. */
const PROBE: TaskId = 'no-such-task';
const NO_CLOCK = { is: 'starting', deadline: undefined } as const;
const INSTANCES_MAX = 100_000;

class ServiceScheduler implements Scheduler {
  readonly offerRescinded = SCHEDULER_DEFAULTS.offerRescinded;
  readonly slaveLost = SCHEDULER_DEFAULTS.slaveLost;
  readonly executorLost = SCHEDULER_DEFAULTS.executorLost;
  readonly frameworkMessage = SCHEDULER_DEFAULTS.frameworkMessage;
  readonly disconnected = SCHEDULER_DEFAULTS.disconnected;
  readonly #config: ServiceConfig;
  readonly #listener: ServiceListener;
  readonly #driver: SchedulerDriver;
  readonly #runs = new Map<string, ServiceRun>();
  readonly #slaves = new Map<SlaveId, Attributes>();
  #isFiltered = false;
  #patience: Timer | undefined;
  #asking: Timer | undefined;
  /** How many instances the driver was last told of that are needed. */
  #told: number | undefined;
  #state:
    | 'unregistered'
    /** It has not been told yet which tasks its predecessor left. */
    | 'taking-over'
    | 'active'
    | 'done' = 'unregistered';

  constructor(config: ServiceConfig, listener: ServiceListener, driver: SchedulerDriver) {
    this.#config = config;
    this.#listener = listener;
    this.#driver = driver;
  }

  registered(): void {
    this.#told = undefined;
    if (this.#state === 'unregistered') this.#start();
    if (this.#state === 'taking-over') this.#takeOver();
    this.#settle();
  }

  resourceOffers(offers: readonly Offer[]): void {
    const open: OpenOffer[] = [];
    const launches = new Map<Offer, TaskInfo[]>();
    for (const offer of offers) {
      this.#slaves.set(offer.slaveId, offer.attributes);
      launches.set(offer, []);
      open.push({ offer, left: offer.resources });
    }
    for (const run of this.#state === 'active' ? this.#runs.values() : [])
      while (run.missing > 0) {
        const offer = takeOffer(run, open, this.#slaves);
        if (offer === undefined) break;
        launches.get(offer)?.push(this.#launch(run, offer));
      }
    for (const [{ id }, tasks] of launches)
      this.#driver.replyToOffer([id], tasks, { refuseSeconds: REFUSE_SECONDS });
    this.#settle();
  }

  statusUpdate(status: TaskStatus): void {
    const { taskId, state } = status;
    if (taskId === PROBE) return this.#tasksTold();
    if (this.#state === 'done') return;
    const run = this.#runs.get(taskId.slice(0, taskId.indexOf('.')));
    const instance = run?.instances.get(taskId) ?? this.#adopt(run, status);
    if (run === undefined || instance === undefined) {
      // Nobody's any more: of a service that is not in the configuration.
      if (!isTerminal(state)) this.#driver.killTask(taskId);
    } else if (isTerminal(state)) this.#ended(run, instance, status);
    else if (state === 'TASK_RUNNING') this.#started(run, instance);
    this.#settle();
  }

  error(message: string): void {
    this.#end(message);
  }

  /** What others ask for. */
  control(): ServiceControl {
    const refuse = (id: string): never => {
      this.#unended(id);
      throw new RangeError(`Services are not held: scale service '${id}' to 0 instances, and up again.`);
    };
    return {
      jobs: () => this.#statuses(),
      submit: (service) => {
        if (this.#state === 'done') throw new RangeError('The framework has ended.');
        if (this.#state === 'unregistered')
          throw new RangeError('The framework is not registered yet; try again.');
        if (this.#runs.has(service.id))
          throw new RangeError(`There is or was a service '${service.id}' here; give this one another id.`);
        this.#add(service);
        this.#settle();
      },
      delete: (id) => {
        const run = this.#unended(id);
        run.target = 0;
        this.#endRun(run, { outcome: 'finished' });
        this.#settle();
      },
      hold: refuse,
      release: refuse,
      scale: (id, instances) => this.#scale(id, instances),
    };
  }

  #statuses(): readonly JobStatus[] {
    return [...this.#runs.values()].map((run) => run.status());
  }

  #scale(serviceId: string, instances: number): void {
    const run = this.#unended(serviceId);
    if (!Number.isSafeInteger(instances) || instances < 0 || instances > INSTANCES_MAX)
      throw new RangeError(`A service has 0 to ${INSTANCES_MAX} instances, not ${instances}.`);
    run.target = instances;
    this.#settle();
  }

  #unended(id: string): ServiceRun {
    const run = this.#runs.get(id);
    if (run === undefined)
      throw new RangeError(`There is no service '${id}'; there is: ${[...this.#runs.keys()].join(', ')}.`);
    if (run.endedMs !== undefined) throw new RangeError(`Service '${id}' has ended.`);
    return run;
  }

  // The services.

  #start(): void {
    const { services, incarnation, runForMs } = this.#config;
    this.#state = incarnation === 0 ? 'active' : 'taking-over';
    for (const service of services) this.#add(service);
    if (runForMs !== undefined)
      this.#driver.after(runForMs, () => {
        if (this.#end()) this.#driver.stop();
      });
  }

  #add(service: Service): void {
    const { id, instances: tasks, schedule } = service;
    const intendedMs = this.#driver.now();
    this.#runs.set(id, new ServiceRun(service, intendedMs));
    const job = { framework: this.#config.name, jobId: id, kind: 'service', tasks };
    this.#driver.record({ event: 'job-submitted', ...job, intendedMs });
    for (const { atMs, instances } of schedule)
      this.#driver.after(atMs, () => {
        if (this.#runs.get(id)?.endedMs === undefined) this.#scale(id, instances);
      });
    this.#setFilters();
  }

  /** If every service has hosts of its own, no others need be offered. */
  #setFilters(): void {
    const placements = [...this.#runs.values()].map(({ service }) => service.placement);
    const hostnames = new Set(placements.flatMap(({ only }) => only ?? []));
    const isBound = placements.every(({ only }) => only !== undefined);
    if (isBound || this.#isFiltered)
      this.#driver.setFilters(isBound ? [{ kind: 'hosts', hostnames: [...hostnames] }] : []);
    this.#isFiltered = isBound;
  }

  /** Ends what is too much, and says whether more is needed. Ends every callback. */
  #settle(): void {
    if (this.#state !== 'active') return;
    let needed = 0;
    for (const run of this.#runs.values()) {
      for (const instance of run.surplus()) this.#kill(run, instance, undefined);
      needed += run.missing;
    }
    if (this.#told === undefined || (needed === 0) !== (this.#told === 0) || needed > this.#told)
      this.#driver.setNeedsOffers(needed > 0);
    this.#told = needed;
    const runs = [...this.#runs.values()];
    if (
      this.#config.endsWithServices &&
      runs.every(({ endedMs, instances }) => endedMs !== undefined && instances.size === 0) &&
      this.#end()
    )
      this.#driver.stop();
  }

  #launch(run: ServiceRun, { slaveId }: Offer): TaskInfo {
    const { service } = run;
    const { incarnation } = this.#config;
    const own = incarnation === 0 ? '' : `.${incarnation.toString(36)}`;
    const taskId = `${service.id}.${run.launches++}${own}`;
    const instance: Instance = { taskId, slaveId, launchedMs: this.#driver.now(), state: NO_CLOCK };
    const { startDeadlineMs } = service;
    if (startDeadlineMs !== undefined) {
      const why = `instance ${taskId} did not run ${startDeadlineMs / 1000} s after its launch`;
      const deadline = this.#driver.after(startDeadlineMs, () => {
        this.#kill(run, instance, why);
        this.#settle();
      });
      instance.state = { is: 'starting', deadline };
    }
    run.add(instance);
    if (run.startedMs === undefined) {
      run.startedMs = this.#driver.now();
      this.#driver.record({ event: 'job-started', framework: this.#config.name, jobId: service.id });
    }
    return taskInfo(service, taskId, slaveId, this.#config.seed);
  }

  #started(run: ServiceRun, instance: Instance): void {
    if (instance.state.is !== 'starting') return;
    instance.state.deadline?.cancel();
    instance.state = { is: 'running', sinceMs: this.#driver.now() };
    run.startedMs ??= this.#driver.now();
  }

  #kill(run: ServiceRun, instance: Instance, why: string | undefined): void {
    run.tellToEnd(instance, why);
    this.#driver.killTask(instance.taskId);
  }

  #ended(run: ServiceRun, instance: Instance, status: TaskStatus): void {
    const { taskId, state } = instance;
    run.remove(instance);
    if (state.is === 'ending') {
      if (state.why !== undefined) this.#backOff(run, 0, state.why);
    } else if (isOwnFault(status)) {
      const ranMs = state.is === 'running' ? this.#driver.now() - state.sinceMs : 0;
      const how = status.message ?? status.reason ?? status.state;
      this.#backOff(run, ranMs, `instance ${taskId} ended: ${how}`);
    } else run.losses++;
  }

  #backOff(run: ServiceRun, ranMs: Millis, why: string): void {
    const waitMs = run.failed(ranMs, why);
    run.backOff?.cancel();
    run.backOff = this.#driver.after(waitMs, () => {
      run.backOff = undefined;
      this.#settle();
    });
  }

  /** Ends all services. False if that has been done. */
  #end(failure?: string): boolean {
    if (this.#state === 'done') return false;
    this.#state = 'done';
    const end: ServiceEnd =
      failure === undefined ? { outcome: 'finished' } : { outcome: 'failed', message: failure };
    const runs = [...this.#runs.values()];
    for (const run of runs) this.#endRun(run, end);
    const jobs = runs.map(({ service: { id }, launches, failures, losses, end: own = end }) => {
      return { id, ...own, launches, failures, losses };
    });
    this.#listener.onDone({ framework: this.#config.name, jobs });
    return true;
  }

  #endRun(run: ServiceRun, end: ServiceEnd): void {
    if (run.endedMs !== undefined) return;
    run.endedMs = this.#driver.now();
    run.end = end;
    run.backOff?.cancel();
    run.backOff = undefined;
    this.#driver.record({
      event: 'job-finished',
      framework: this.#config.name,
      jobId: run.service.id,
      ...end,
    });
  }

  // Taking the place of another scheduler.

  /** Waits to be told which tasks there are: for an answer about the probe, which a master that may not know all does not give. */
  #takeOver(): void {
    this.#driver.setNeedsOffers(false);
    this.#askForTasks();
    this.#patience ??= this.#driver.after(this.#config.takeOverMs, () => this.#tasksTold());
  }

  #askForTasks(): void {
    if (this.#state !== 'taking-over') return;
    this.#driver.reconcileTasks([]);
    this.#driver.reconcileTasks([{ taskId: PROBE }]);
    this.#asking?.cancel();
    this.#asking = this.#driver.after(ASK_AGAIN_MS, () => this.#askForTasks());
  }

  #tasksTold(): void {
    if (this.#state !== 'taking-over') return;
    this.#state = 'active';
    this.#settle();
  }

  /** A task that another scheduler of this framework has launched. If it is one too many, it is ended like any other. */
  #adopt(run: ServiceRun | undefined, { taskId, slaveId, state }: TaskStatus): Instance | undefined {
    if (run === undefined || slaveId === undefined || isTerminal(state)) return undefined;
    const instance: Instance = { taskId, slaveId, launchedMs: this.#driver.now(), state: NO_CLOCK };
    run.add(instance);
    return instance;
  }
}

/** Did the instance end by itself? A slave that is lost, a revocation or a launch that never arrived is not its fault. */
function isOwnFault({ state }: TaskStatus): boolean {
  return state === 'TASK_FAILED' || state === 'TASK_FINISHED' || state === 'TASK_ERROR';
}

const MODELLED = { shell: false, value: 'modelled', arguments: [], environment: {} };

function taskInfo(service: Service, taskId: TaskId, slaveId: SlaveId, seed: number): TaskInfo {
  const { task, resources } = service;
  const command = task.type === 'command' ? task.command : MODELLED;
  const executor = commandExecutorInfo(taskId, command);
  const info = { name: service.id, taskId, slaveId, resources, command, executor };
  if (task.type === 'command') return info;
  const { startMs, meanLifeMs } = task;
  const draw = randomExponential.source(seededUniform(`service/${seed}/${taskId}`));
  const life: Life = { startMs, ...(meanLifeMs !== undefined && { lifeMs: draw(1 / meanLifeMs)() }) };
  return { ...info, data: encodeData(life) };
}
