/**
 * The scheduler driver on Mesos masters: an actor between a framework's scheduler and the master that leads. When that fails,
 * or the link to it, the driver finds the one that leads now, subscribes again, and settles what became of its tasks.
 */
import type { Detector, Following, Leadership } from '../election/election.ts';
import { detectorOf } from '../election/fixed.ts';
import type { FrameworkId, FrameworkInfo, TaskInfo, TaskStatus } from '../protocol/entities.ts';
import type { SlaveFilter } from '../protocol/filters.ts';
import { SCHEDULER_INBOX } from '../protocol/message.ts';
import { NOTHING, type Resources } from '../protocol/resources.ts';
import type { SchedulerCall, SchedulerEvent } from '../protocol/scheduler.ts';
import type { Actor, ActorKind, Address, Context, Millis, Timer } from '../runtime/actor.ts';
import { KnownTasks } from './knownTasks.ts';
import type { Scheduler, SchedulerDriver, SchedulerFactory } from './scheduler.ts';

/** What a scheduler driver needs. */
export interface SchedulerActorOptions {
  /** Where the master is, or who finds the one that leads. */
  readonly master: Address | Detector;
  readonly frameworkInfo: FrameworkInfo;
  readonly factory: SchedulerFactory;
  /** It waits until the framework's scheduler is gone, and then takes its place; `frameworkInfo.id` names the framework. */
  readonly standby?: boolean;
  /** The driver has stopped: the framework ended, or the master refused it (then with the reason). */
  readonly stopped: (error?: string) => void;
}

/** First wait for an answer before subscribing again; doubles up to {@link SUBSCRIBE_RETRY_MAX_MS}. */
const SUBSCRIBE_RETRY_MIN_MS = 500;
const SUBSCRIBE_RETRY_MAX_MS = 5_000;
/**
 * Wait before subscribing again with a master that says that it does not lead, though the detector says so: it hears of its election a
 * little later than others. Doubles up to {@link SUBSCRIBE_RETRY_MIN_MS}.
 */
const EARLY_RETRY_MS = 20;
/** How long to wait for the states of tasks before asking again; doubles up to {@link RECONCILE_RETRY_MAX_MS}. */
const RECONCILE_RETRY_MIN_MS = 1_000;
const RECONCILE_RETRY_MAX_MS = 60_000;
/** Tasks that are asked for in one message: masters take ten times as many, and frames of 32 MiB, in which ids are up to 255 long. */
const RECONCILE_TASKS_MAX = 10_000;
/** A master that has been silent for so many heartbeats has forgotten the framework. */
const MISSED_HEARTBEATS_MAX = 5;
/** A refusal for ever, in numbers that a message can carry: masters take a year for it. */
const FOREVER_SECONDS = 31_536_000;

/** A scheduler's driver on Mesos masters, as an actor. */
export function schedulerActor(options: SchedulerActorOptions): ActorKind<SchedulerEvent> {
  return { inbox: SCHEDULER_INBOX, create: (context) => new SchedulerActor(context, options) };
}

type State =
  /** It does not know who leads. */
  | { readonly is: 'searching' }
  | { readonly is: 'subscribing'; readonly master: Address; readonly retry: Timer }
  | {
      readonly is: 'subscribed';
      readonly master: Address;
      readonly frameworkId: FrameworkId;
      /** Sees to it that something is heard of the master. */
      readonly vigil: Timer;
    }
  | { readonly is: 'stopped' }
  /** By its own wish; a master may not know it yet. */
  | { readonly is: 'left' };

class SchedulerActor implements Actor<SchedulerEvent> {
  readonly #context: Context;
  readonly #options: SchedulerActorOptions;
  readonly #scheduler: Scheduler;
  readonly #following: Following;
  readonly #tasks = new KnownTasks();
  #state: State = { is: 'searching' };
  /** Kept across losses of the master, so that it knows the framework again. */
  #frameworkId: FrameworkId | undefined;
  /** Of the leader, as the detector told last. */
  #masterId: string | undefined;
  /** The next wait if it came to that leader too early. */
  #earlyMs = EARLY_RETRY_MS;
  #needsOffers = true;
  #filters: readonly SlaveFilter[] = [];
  /** What it wanted when it subscribed last: before the answer it may want something else. */
  #asked = { needsOffers: true, filters: this.#filters };
  #guaranteedShare: Resources = NOTHING;
  /** Tells it from other schedulers of the framework; known once it has been subscribed. */
  #term: number | undefined;
  /** It takes the place of another scheduler, and has not been told yet which tasks there are. */
  #takesOver: boolean;
  /** It has never been the framework's scheduler, and another is to be so first. */
  #isWaiting: boolean;
  #reconciling: Timer | undefined;
  #heardMs: Millis = 0;

  constructor(context: Context, options: SchedulerActorOptions) {
    this.#context = context;
    this.#options = options;
    this.#frameworkId = options.frameworkInfo.id;
    this.#takesOver = options.frameworkInfo.id !== undefined;
    this.#isWaiting = options.standby ?? false;
    this.#scheduler = options.factory(this.#driver());
    const { master } = options;
    if (typeof master === 'string') this.#state = this.#subscribeAfter(master, 0, SUBSCRIBE_RETRY_MIN_MS);
    this.#following = detectorOf(master).follow((leadership) => this.#leads(leadership));
  }

  receive(event: SchedulerEvent, from: Address): void {
    const state = this.#state;
    // What a deposed master sends is not heard.
    if (state.is === 'left' && event.type === 'SUBSCRIBED')
      this.#context.send(from, { type: 'TEARDOWN', frameworkId: event.frameworkId });
    if (!('master' in state) || from !== state.master) return;
    if (event.type === 'SUBSCRIBED') return this.#subscribed(event);
    if (event.type === 'ERROR') return this.#refused(event.message);
    if (event.type === 'REDIRECT') return this.#redirected(event.leader);
    if (state.is !== 'subscribed') return;
    this.#heardMs = this.#context.now();
    switch (event.type) {
      case 'OFFERS':
        return this.#scheduler.resourceOffers(event.offers);
      case 'RESCIND':
        return this.#scheduler.offerRescinded(event.offerId);
      case 'UPDATE':
        return this.#update(event.status);
      case 'MESSAGE':
        return this.#scheduler.frameworkMessage(event.slaveId, event.executorId, event.data);
      case 'FAILURE':
        return event.executorId === undefined
          ? this.#scheduler.slaveLost(event.slaveId)
          : this.#scheduler.executorLost(event.slaveId, event.executorId, event.status ?? 0);
      case 'HEARTBEAT':
      // Its tasks are ended when the machine goes down, and it launches them elsewhere.
      case 'INVERSE_OFFERS':
      case 'RESCIND_INVERSE_OFFER':
        return;
      default:
        event satisfies never;
    }
  }

  lost(peer: Address): void {
    const state = this.#state;
    if (!('master' in state) || peer !== state.master) return;
    this.#disconnect();
    const { master } = this.#options;
    const next = typeof master === 'string' ? master : state.master;
    this.#state = this.#subscribeAfter(next, SUBSCRIBE_RETRY_MIN_MS, SUBSCRIBE_RETRY_MIN_MS);
  }

  // --- finding the master ---

  #leads(leadership: Leadership): void {
    const state = this.#state;
    if (state.is === 'stopped' || state.is === 'left') return;
    switch (leadership.is) {
      // Whoever led may lead still.
      case 'unknown':
        return;
      case 'vacant':
        this.#disconnect();
        this.#state = { is: 'searching' };
        return;
      case 'held':
        if (this.#isKnown(leadership)) return;
        this.#masterId = leadership.masterId;
        this.#earlyMs = EARLY_RETRY_MS;
        this.#disconnect();
        this.#state = this.#subscribeAfter(leadership.master, 0, SUBSCRIBE_RETRY_MIN_MS);
        return;
      default:
        leadership satisfies never;
    }
  }

  /** Is it the one that the scheduler has asked? */
  #isKnown({ master, masterId }: Leadership & { readonly is: 'held' }): boolean {
    return 'master' in this.#state && this.#state.master === master && this.#masterId === masterId;
  }

  /** This master does not lead, or does not know the framework. Where a detector tells who leads, it has the last word. */
  #redirected(leader: Address | undefined): void {
    const state = this.#state;
    if (state.is !== 'subscribing' && state.is !== 'subscribed') return;
    const isFixed = typeof this.#options.master === 'string';
    const isHint = isFixed && leader !== undefined && leader !== state.master;
    const isEarly = !isFixed && state.is === 'subscribing';
    if (state.is === 'subscribing' && !isHint && !isEarly) return;
    const waitMs = isHint ? 0 : isEarly ? this.#earlyMs : SUBSCRIBE_RETRY_MIN_MS;
    if (isEarly) this.#earlyMs = Math.min(2 * this.#earlyMs, SUBSCRIBE_RETRY_MIN_MS);
    this.#disconnect();
    this.#state = this.#subscribeAfter(isHint ? leader : state.master, waitMs, SUBSCRIBE_RETRY_MIN_MS);
  }

  /** Looks now and then whether the master has been heard of. */
  #keepVigil(master: Address, heartbeatMs: Millis): Timer {
    const limitMs = MISSED_HEARTBEATS_MAX * heartbeatMs;
    let timer = this.#context.after(limitMs, () => {
      const silentMs = this.#context.now() - this.#heardMs;
      if (silentMs >= limitMs) return this.lost(master);
      timer = this.#keepVigil(master, heartbeatMs);
    });
    return { cancel: () => timer.cancel() };
  }

  /** All offers are void; nothing more is expected of the master. */
  #disconnect(): void {
    this.#reconciling?.cancel();
    if (this.#state.is === 'subscribing') this.#state.retry.cancel();
    if (this.#state.is !== 'subscribed') return;
    this.#state.vigil.cancel();
    this.#state = { is: 'searching' };
    this.#scheduler.disconnected();
  }

  #subscribeAfter(master: Address, delay: Millis, retryMs: Millis): State {
    const retry = this.#context.after(delay, () => this.#subscribe(master, retryMs));
    return { is: 'subscribing', master, retry };
  }

  #subscribe(master: Address, retryMs: Millis): void {
    const { frameworkInfo } = this.#options;
    const id = this.#frameworkId;
    this.#context.watch(master);
    this.#context.send(master, {
      type: 'SUBSCRIBE',
      frameworkInfo: id === undefined ? frameworkInfo : { ...frameworkInfo, id },
      ...(this.#term !== undefined && { term: this.#term }),
      ...(this.#isWaiting && { standby: true }),
      suppressed: !this.#needsOffers,
      slaveFilters: this.#filters,
    });
    this.#asked = { needsOffers: this.#needsOffers, filters: this.#filters };
    this.#state = this.#subscribeAfter(master, retryMs, Math.min(2 * retryMs, SUBSCRIBE_RETRY_MAX_MS));
  }

  #subscribed(event: SchedulerEvent & { readonly type: 'SUBSCRIBED' }): void {
    if (this.#state.is !== 'subscribing') return;
    this.#state.retry.cancel();
    const { frameworkId, heartbeatIntervalSeconds } = event;
    const { master } = this.#state;
    this.#frameworkId = frameworkId;
    this.#isWaiting = false;
    this.#term = event.term;
    this.#guaranteedShare = event.guaranteedShare;
    this.#heardMs = this.#context.now();
    const vigil = this.#keepVigil(master, heartbeatIntervalSeconds * 1000);
    this.#state = { is: 'subscribed', master, frameworkId, vigil };
    if (this.#needsOffers !== this.#asked.needsOffers) this.#tellNeeds();
    if (this.#filters !== this.#asked.filters) this.#tellFilters();
    this.#scheduler.registered(frameworkId);
    if (this.#takesOver) this.#askFor([]);
    this.#takesOver = false;
    this.#tasks.askForAll();
    this.#reconcile(RECONCILE_RETRY_MIN_MS);
  }

  #tellNeeds(): void {
    this.#call((frameworkId) => ({ type: this.#needsOffers ? 'REVIVE' : 'SUPPRESS', frameworkId }));
  }

  #tellFilters(): void {
    this.#call((frameworkId) => ({ type: 'SET_FILTERS', frameworkId, slaveFilters: this.#filters }));
  }

  // --- tasks ---

  /** Asks what became of the tasks, until it is known of all. */
  #reconcile(retryMs: Millis): void {
    const asked = this.#tasks.asked();
    if (asked.length === 0) return;
    this.#askFor(asked);
    const again = Math.min(2 * retryMs, RECONCILE_RETRY_MAX_MS);
    this.#reconciling = this.#context.after(retryMs, () => this.#reconcile(again));
  }

  /** Asks for the states of these tasks, or of all if none are named. */
  #askFor(tasks: Parameters<SchedulerDriver['reconcileTasks']>[0]): void {
    for (let from = 0; from === 0 || from < tasks.length; from += RECONCILE_TASKS_MAX) {
      const some = tasks.slice(from, from + RECONCILE_TASKS_MAX);
      this.#call((frameworkId) => ({ type: 'RECONCILE', frameworkId, tasks: some }));
    }
  }

  #update(status: TaskStatus): void {
    const { taskId, slaveId, uuid } = status;
    const verdict = this.#tasks.heard(status);
    switch (verdict) {
      case 'tell':
        this.#scheduler.statusUpdate(status);
        break;
      case 'tell-and-kill':
        this.#scheduler.statusUpdate(status);
        this.#kill(taskId);
        break;
      case 'kill':
        this.#kill(taskId);
        break;
      case 'drop':
        break;
      default:
        verdict satisfies never;
    }
    if (uuid !== undefined && slaveId !== undefined)
      this.#call((frameworkId) => ({ type: 'ACKNOWLEDGE', frameworkId, slaveId, taskId, uuid }));
  }

  /** The offers were void, for there is no master at the moment. */
  #lose(tasks: readonly TaskInfo[]): void {
    this.#context.after(0, () => {
      for (const { taskId, slaveId } of tasks)
        if (this.#state.is !== 'stopped' && this.#state.is !== 'left')
          this.#update({
            taskId,
            slaveId,
            state: 'TASK_LOST',
            source: 'SOURCE_MASTER',
            reason: 'REASON_MASTER_DISCONNECTED',
            message: 'There was no master when the offer was accepted',
            timestamp: this.#context.now() / 1000,
          });
    });
  }

  #kill(taskId: string): void {
    this.#call((frameworkId) => ({ type: 'KILL', frameworkId, taskId }));
  }

  // --- the end ---

  #refused(message: string): void {
    this.#end('stopped');
    this.#scheduler.error(message);
    this.#options.stopped(message);
  }

  #end(is: 'stopped' | 'left'): void {
    if (this.#state.is === 'subscribing') this.#state.retry.cancel();
    if (this.#state.is === 'subscribed') this.#state.vigil.cancel();
    this.#reconciling?.cancel();
    this.#following.stop();
    this.#state = { is };
  }

  /** Sends a call, unless there is no master at the moment. */
  #call(make: (frameworkId: FrameworkId) => SchedulerCall): void {
    if (this.#state.is === 'subscribed')
      this.#context.send(this.#state.master, make(this.#state.frameworkId));
  }

  #driver(): SchedulerDriver {
    const { random, now, after, record } = this.#context;
    return {
      random,
      now,
      after,
      record,
      replyToOffer: (offerIds, tasks, filters = {}) => {
        for (const task of tasks) this.#tasks.launched(task);
        if (this.#state.is !== 'subscribed' && tasks.length > 0) this.#lose(tasks);
        this.#call((frameworkId) => {
          const finite = finiteFilters(filters);
          if (tasks.length === 0) return { type: 'DECLINE', frameworkId, offerIds, filters: finite };
          const operations = [{ type: 'LAUNCH' as const, taskInfos: tasks }];
          return { type: 'ACCEPT', frameworkId, offerIds, operations, filters: finite };
        });
      },
      setFilters: (slaveFilters) => {
        this.#filters = slaveFilters;
        this.#tellFilters();
      },
      getGuaranteedShare: () => this.#guaranteedShare,
      setNeedsOffers: (needed) => {
        this.#needsOffers = needed;
        this.#tellNeeds();
      },
      killTask: (taskId) => {
        this.#tasks.killed(taskId);
        this.#kill(taskId);
      },
      shutdownExecutor: (slaveId, executorId) =>
        this.#call((frameworkId) => ({ type: 'SHUTDOWN', frameworkId, slaveId, executorId })),
      sendFrameworkMessage: (slaveId, executorId, data) =>
        this.#call((frameworkId) => ({ type: 'MESSAGE', frameworkId, slaveId, executorId, data })),
      reconcileTasks: (tasks) => this.#askFor(tasks),
      stop: () => {
        // A master with which it is about to subscribe again may hold the framework for subscribed.
        const frameworkId = this.#frameworkId;
        if ('master' in this.#state && frameworkId !== undefined)
          this.#context.send(this.#state.master, { type: 'TEARDOWN', frameworkId });
        this.#end('left');
        this.#options.stopped();
      },
    };
  }
}

function finiteFilters({ refuseSeconds }: { readonly refuseSeconds?: number }): {
  readonly refuseSeconds?: number;
} {
  return refuseSeconds === undefined ? {} : { refuseSeconds: Math.min(refuseSeconds, FOREVER_SECONDS) };
}
