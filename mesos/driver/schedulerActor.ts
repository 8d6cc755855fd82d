/** The scheduler driver on a Mesos master: an actor between a framework's scheduler and the master. */
import type { FrameworkId, FrameworkInfo } from '../protocol/entities.ts';
import { SCHEDULER_INBOX } from '../protocol/message.ts';
import type { SchedulerCall, SchedulerEvent } from '../protocol/scheduler.ts';
import type { Actor, ActorKind, Address, Context, Millis, Timer } from '../runtime/actor.ts';
import type { Scheduler, SchedulerDriver, SchedulerFactory } from './scheduler.ts';

/** What a scheduler driver needs. */
export interface SchedulerActorOptions {
  readonly master: Address;
  readonly frameworkInfo: FrameworkInfo;
  readonly factory: SchedulerFactory;
  /** The driver has stopped: the framework ended, or the master refused it (then with the reason). */
  readonly stopped: (error?: string) => void;
}

/** First wait for an answer before subscribing again; doubles up to {@link SUBSCRIBE_RETRY_MAX_MS}. */
const SUBSCRIBE_RETRY_MIN_MS = 500;
const SUBSCRIBE_RETRY_MAX_MS = 5_000;

/** A scheduler's driver on a Mesos master, as an actor. */
export function schedulerActor(options: SchedulerActorOptions): ActorKind<SchedulerEvent> {
  return { inbox: SCHEDULER_INBOX, create: (context) => new SchedulerActor(context, options) };
}

class SchedulerActor implements Actor<SchedulerEvent> {
  readonly #context: Context;
  readonly #options: SchedulerActorOptions;
  readonly #scheduler: Scheduler;
  #state:
    | { readonly is: 'subscribing'; readonly retry: Timer }
    | { readonly is: 'subscribed'; readonly frameworkId: FrameworkId }
    | { readonly is: 'stopped' };
  /** Kept across losses of the master, so that it knows the framework again. */
  #frameworkId: FrameworkId | undefined;
  #needsOffers = true;
  /** It takes the place of another scheduler, and has not been told yet which tasks there are. */
  #takesOver: boolean;

  constructor(context: Context, options: SchedulerActorOptions) {
    this.#context = context;
    this.#options = options;
    this.#frameworkId = options.frameworkInfo.id;
    this.#takesOver = options.frameworkInfo.id !== undefined;
    this.#scheduler = options.factory(this.#driver());
    this.#state = this.#subscribeAfter(0, SUBSCRIBE_RETRY_MIN_MS);
  }

  receive(event: SchedulerEvent, from: Address): void {
    if (from !== this.#options.master || this.#state.is === 'stopped') return;
    if (event.type === 'SUBSCRIBED') return this.#subscribed(event.frameworkId);
    if (event.type === 'ERROR') return this.#refused(event.message);
    if (this.#state.is !== 'subscribed') return;
    switch (event.type) {
      case 'OFFERS':
        return this.#scheduler.resourceOffers(event.offers);
      case 'RESCIND':
        return this.#scheduler.offerRescinded(event.offerId);
      case 'UPDATE': {
        this.#scheduler.statusUpdate(event.status);
        const { taskId, slaveId, uuid } = event.status;
        if (uuid !== undefined && slaveId !== undefined)
          this.#call((frameworkId) => ({ type: 'ACKNOWLEDGE', frameworkId, slaveId, taskId, uuid }));
        return;
      }
      case 'MESSAGE':
        return this.#scheduler.frameworkMessage(event.slaveId, event.executorId, event.data);
      case 'FAILURE':
        return event.executorId === undefined
          ? this.#scheduler.slaveLost(event.slaveId)
          : this.#scheduler.executorLost(event.slaveId, event.executorId, event.status ?? 0);
      case 'HEARTBEAT':
      case 'REDIRECT':
        return;
      default:
        event satisfies never;
    }
  }

  lost(): void {
    if (this.#state.is === 'stopped') return;
    if (this.#state.is === 'subscribed') this.#scheduler.disconnected();
    else this.#state.retry.cancel();
    this.#state = this.#subscribeAfter(SUBSCRIBE_RETRY_MIN_MS, SUBSCRIBE_RETRY_MIN_MS);
  }

  #subscribeAfter(delay: Millis, retryMs: Millis): { readonly is: 'subscribing'; readonly retry: Timer } {
    const retry = this.#context.after(delay, () => this.#subscribe(retryMs));
    return { is: 'subscribing', retry };
  }

  #subscribe(retryMs: Millis): void {
    const { frameworkInfo, master } = this.#options;
    const id = this.#frameworkId;
    this.#context.watch(master);
    this.#context.send(master, {
      type: 'SUBSCRIBE',
      frameworkInfo: id === undefined ? frameworkInfo : { ...frameworkInfo, id },
    });
    this.#state = this.#subscribeAfter(retryMs, Math.min(2 * retryMs, SUBSCRIBE_RETRY_MAX_MS));
  }

  #subscribed(frameworkId: FrameworkId): void {
    if (this.#state.is !== 'subscribing') return;
    this.#state.retry.cancel();
    this.#frameworkId = frameworkId;
    this.#state = { is: 'subscribed', frameworkId };
    // A master that has just met the framework takes it to want offers.
    if (!this.#needsOffers) this.#call((id) => ({ type: 'SUPPRESS', frameworkId: id }));
    this.#scheduler.registered(frameworkId);
    if (this.#takesOver) this.#call((id) => ({ type: 'RECONCILE', frameworkId: id, tasks: [] }));
    this.#takesOver = false;
  }

  #refused(message: string): void {
    this.#end();
    this.#scheduler.error(message);
    this.#options.stopped(message);
  }

  #end(): void {
    if (this.#state.is === 'subscribing') this.#state.retry.cancel();
    this.#state = { is: 'stopped' };
  }

  /** Sends a call, unless there is no master at the moment. */
  #call(make: (frameworkId: FrameworkId) => SchedulerCall): void {
    if (this.#state.is === 'subscribed')
      this.#context.send(this.#options.master, make(this.#state.frameworkId));
  }

  #driver(): SchedulerDriver {
    const { random, now, after, record } = this.#context;
    return {
      random,
      now,
      after,
      record,
      replyToOffer: (offerIds, tasks, filters = {}) =>
        this.#call((frameworkId) =>
          tasks.length === 0
            ? { type: 'DECLINE', frameworkId, offerIds, filters }
            : {
                type: 'ACCEPT',
                frameworkId,
                offerIds,
                operations: [{ type: 'LAUNCH', taskInfos: tasks }],
                filters,
              },
        ),
      setNeedsOffers: (needed) => {
        this.#needsOffers = needed;
        this.#call((frameworkId) => ({ type: needed ? 'REVIVE' : 'SUPPRESS', frameworkId }));
      },
      killTask: (taskId) => this.#call((frameworkId) => ({ type: 'KILL', frameworkId, taskId })),
      shutdownExecutor: (slaveId, executorId) =>
        this.#call((frameworkId) => ({ type: 'SHUTDOWN', frameworkId, slaveId, executorId })),
      sendFrameworkMessage: (slaveId, executorId, data) =>
        this.#call((frameworkId) => ({ type: 'MESSAGE', frameworkId, slaveId, executorId, data })),
      reconcileTasks: (tasks) => this.#call((frameworkId) => ({ type: 'RECONCILE', frameworkId, tasks })),
      stop: () => {
        this.#call((frameworkId) => ({ type: 'TEARDOWN', frameworkId }));
        this.#end();
        this.#options.stopped();
      },
    };
  }
}
