/**
 * The slave: offers its machine's resources to the master, runs executors in containers, hands them their tasks, and carries
 * their status updates to the master, reliably (NSDI'11 §3.1). It outlives masters: while none is in reach all goes on, and a
 * new one is told what there is (§3.6).
 */
import { KILL_GRACE_MS } from '../protocol/commandTask.ts';
import type { SlaveId, TaskInfo } from '../protocol/entities.ts';
import { SLAVE_INBOX, type SlaveMessage } from '../protocol/message.ts';
import type { RunTask, SlaveOrder } from '../protocol/slave.ts';
import { isTerminal } from '../protocol/tasks.ts';
import type { Actor, ActorKind, Address, Context, Millis } from '../runtime/actor.ts';
import { NO_CHECKPOINT, type Recovered, type SlaveCheckpoint } from './checkpoint.ts';
import { Executors, type Surroundings } from './executors.ts';
import { type SlaveOptions, type SlaveSettings, settle } from './options.ts';
import { Past } from './past.ts';
import { type Inventory, Registration, type RegistrationSurroundings } from './registration.ts';
import { Tasks } from './tasks.ts';
import type { SlaveWindow } from './window.ts';

export type { SlaveOptions } from './options.ts';

/** A slave, as an actor; all that are made of one kind share its options. */
export function slave(options: SlaveOptions): ActorKind<SlaveMessage> {
  const settings = settle(options);
  return { inbox: SLAVE_INBOX, create: (context) => new Slave(context, settings) };
}

class Slave implements Actor<SlaveMessage>, RegistrationSurroundings, Surroundings {
  readonly context: Context;
  readonly settings: SlaveSettings;
  readonly registration: Registration;
  readonly tasks: Tasks;
  readonly past: Past | undefined;
  readonly executors: Executors;
  /** What the executors here were launched under. */
  #id: SlaveId | undefined;

  constructor(context: Context, settings: SlaveSettings) {
    this.context = context;
    this.settings = settings;
    const recovered = this.checkpoint.load();
    this.#id = recovered?.slaveId;
    const former = { id: this.#id, resources: this.checkpoint.resources() };
    this.registration = new Registration(this, former);
    this.past = settings.opened && new Past();
    this.tasks = new Tasks(this);
    this.executors = new Executors(this);
    settings.stopping?.addEventListener('abort', () => this.#stop());
    if (recovered === undefined) this.registration.start();
    else this.#recover(recovered);
    if (this.past !== undefined) settings.opened?.(this.#window(this.past));
  }

  get checkpoint(): SlaveCheckpoint {
    return this.settings.checkpoint ?? NO_CHECKPOINT;
  }

  #window(past: Past): SlaveWindow {
    const { context, registration, tasks } = this;
    const executors = this.executors;
    return {
      self: context.self,
      clock: context,
      startedMs: context.now(),
      get info() {
        return registration.info;
      },
      get isRegistered() {
        return registration.isRegistered;
      },
      get master() {
        return registration.master;
      },
      get frameworks() {
        executors.forgetFrameworks();
        return tasks.frameworks;
      },
      executors,
      executor: (frameworkId, executorId) => executors.get(frameworkId, executorId),
      tasks,
      past,
    };
  }

  #recover(recovered: Recovered): void {
    this.tasks.recover(recovered);
    this.executors.recover(recovered, () => this.registration.start());
  }

  receive(message: SlaveMessage, from: Address): void {
    switch (message.type) {
      case 'SUBSCRIBE':
      case 'UPDATE':
      case 'MESSAGE':
        return this.executors.receive(message, from);
      default:
        // A master that does not lead any more may not know it yet.
        if (this.registration.obeys(from)) this.#fromMaster(message);
    }
  }

  lost(peer: Address): void {
    this.registration.lost(peer);
    this.executors.lost(peer);
  }

  #fromMaster(order: SlaveOrder): void {
    switch (order.type) {
      case 'SLAVE_REGISTERED':
        return this.registration.accepted(order);
      case 'CHECKPOINT_RESOURCES':
        // Like a task.
        return this.registration.isAccepted ? this.#rename(order) : undefined;
      case 'RUN_TASK':
        // If it is of now, it is repeated when the slave is registered.
        return this.registration.isAccepted ? this.#runTask(order) : undefined;
      case 'KILL_TASK':
        return this.#killTask(order);
      case 'STATUS_UPDATE_ACKNOWLEDGEMENT':
        return this.tasks.acknowledge(order.frameworkId, order.taskId, order.uuid);
      case 'FRAMEWORK_TO_EXECUTOR':
        return this.executors.message(order.frameworkId, order.executorId, order.data);
      case 'SHUTDOWN_EXECUTOR':
        return this.executors.shutdown(order.frameworkId, order.executorId);
      case 'SHUTDOWN_FRAMEWORK':
        return this.executors.shutdownFramework(order.frameworkId);
      case 'SHUTDOWN_SLAVE':
        if (order.slaveId !== undefined && order.slaveId !== this.#id) return;
        return this.#startAnew();
      case 'PING':
        return this.registration.pinged();
      case 'REDIRECT':
        return this.registration.redirected(order.leader);
      default:
        order satisfies never;
    }
  }

  /** Something is reserved here, or not any more; what runs here does not feel it. */
  #rename({ slaveId, resources }: SlaveOrder & { type: 'CHECKPOINT_RESOURCES' }): void {
    if (slaveId === this.#id && this.registration.rename(resources))
      this.checkpoint.append({ kind: 'resources', resources });
  }

  /** Starts a task, once, however often it is told to. */
  #runTask(told: RunTask): void {
    if (told.task.slaveId !== this.#id) return;
    const order = this.settings.shared?.(told, this.#id) ?? told;
    const { frameworkId, frameworkInfo, task: info, isShort = false } = order;
    const { taskId } = info;
    if (this.tasks.get(frameworkId, taskId) !== undefined) return;
    this.tasks.learn(frameworkId, frameworkInfo);
    const hasEnded = this.tasks.hasEnded(frameworkId, taskId);
    const task = this.tasks.launch(frameworkId, info, isShort);
    if (!hasEnded) return this.executors.run(task);
    // The order came twice, and its framework has seen the end; or the framework gives an id twice, and must not wait for ever.
    const message = 'A task of this id has ended here; give each its own';
    this.tasks.report(task, { state: 'TASK_LOST', reason: 'REASON_TASK_INVALID', message });
  }

  #killTask(order: SlaveOrder & { type: 'KILL_TASK' }): void {
    const { frameworkId, taskId, reason, state } = order;
    const task = this.tasks.get(frameworkId, taskId);
    if (task === undefined || isTerminal(task.state)) return;
    const graceMs = graceOf(task.info, order);
    const why = { ...(reason !== undefined && { reason }), ...(state !== undefined && { state }) };
    this.executors.kill(task, { cause: 'order', ...why }, graceMs);
  }

  registered(id: SlaveId): void {
    if (this.#id !== id) {
      // What ran under the former id the master has given up.
      if (this.#id !== undefined) this.#endAll();
      else this.#forget();
      this.#id = id;
      this.checkpoint.append({ kind: 'slave', slaveId: id });
    }
    this.tasks.repeatUpdates();
    this.settings.registered?.(id);
  }

  inventory(): Inventory {
    this.executors.forgetFrameworks();
    return {
      frameworks: this.tasks.frameworks,
      executors: this.executors.infos(),
      tasks: this.tasks.records(),
    };
  }

  orphaned(): void {
    this.#startAnew();
  }

  #startAnew(): void {
    this.#endAll();
    this.registration.startAnew();
  }

  /** Ends all executors at once, and forgets what there is to tell of them. */
  #endAll(): void {
    this.executors.endAll();
    this.tasks.clear();
    this.#forget();
    this.past?.forget();
    this.#id = undefined;
  }

  /** The names of the resources outlive all that the slave is and runs: they are what the machine has. */
  #forget(): void {
    this.checkpoint.clear(this.registration.renamed);
  }

  #stop(): void {
    this.registration.stop();
    this.#endAll();
  }
}

/** How long the task has to end; undefined: as long as its executor likes. */
function graceOf(
  { command, killGraceMs = KILL_GRACE_MS }: TaskInfo,
  { gracePeriodMs, gracePeriodMaxMs }: SlaveOrder & { type: 'KILL_TASK' },
): Millis | undefined {
  const own = gracePeriodMs ?? (command === undefined ? undefined : killGraceMs);
  return gracePeriodMaxMs === undefined ? gracePeriodMs : Math.min(own ?? gracePeriodMaxMs, gracePeriodMaxMs);
}
