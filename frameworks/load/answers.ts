/** How a load answers offers: at once, late, slowly, by hoarding, never. It holds the offers that have no answer yet. */
import type { Millis, Timer } from '../../mesos/driver/actor.ts';
import type { SchedulerDriver } from '../../mesos/driver/scheduler.ts';
import type { Offer, OfferId, TaskInfo } from '../../mesos/protocol/entities.ts';
import { contains } from '../../mesos/protocol/resources.ts';
import { sampler } from '../../workloads/distribution.ts';
import { seededUniform } from '../../workloads/random.ts';
import type { LoadConfig } from './config.ts';
import type { LoadJob } from './loadJob.ts';

/** What there is to launch. */
export interface Demand {
  /** Jobs with tasks to launch, the next first. */
  readonly needing: ReadonlySet<LoadJob>;
  /** How many of a job's tasks fit into these offers. */
  fits(job: LoadJob, offers: readonly Offer[]): number;
  /** Takes tasks of these jobs, as many as fit. */
  launch(offer: Offer, jobs: Iterable<LoadJob>): readonly TaskInfo[];
  /** A job has been decided upon. `thinking`: how long that took, and how many of its tasks were launched then. */
  decided(job: LoadJob, thinking?: { readonly tookMs: Millis; readonly tasks: number }): void;
  /** Offers have been answered later than they came. */
  answered(): void;
}

/** Answers the offers of one scheduler. */
export class Answers {
  readonly #manners: LoadConfig['manners'];
  readonly #driver: SchedulerDriver;
  readonly #demand: Demand;
  readonly #holdMs: () => Millis;
  readonly #held = new Map<OfferId, Offer>();
  /** Until it has decided, or loses its patience. */
  #thinking: Timer | undefined;

  constructor({ manners, seed, name }: LoadConfig, driver: SchedulerDriver, demand: Demand) {
    this.#manners = manners;
    this.#driver = driver;
    this.#demand = demand;
    const hold =
      manners.answer.type === 'late' ? manners.answer.holdMs : ({ type: 'constant', value: 0 } as const);
    this.#holdMs = sampler(hold, seededUniform(`load/${seed}/${name}/hold`));
  }

  /** Offers have come. What it would not take, whatever it has to do, it gives back at once. */
  take(offers: readonly Offer[]): void {
    const { answer } = this.#manners;
    const wanted = offers.filter((offer) => this.#isWanted(offer));
    if (wanted.length < offers.length) this.#decline(offers.filter((offer) => !wanted.includes(offer)));
    for (const offer of wanted) this.#held.set(offer.id, offer);
    switch (answer.type) {
      case 'at-once':
        this.#answer(wanted, this.#demand.needing);
        return;
      case 'late':
        for (const offer of wanted) this.#answerLater(offer);
        return;
      case 'slow':
      case 'hoard':
        return this.decide();
      case 'never':
        return this.#decline(wanted);
      default:
        answer satisfies never;
    }
  }

  rescinded(offerId: OfferId): void {
    this.#held.delete(offerId);
  }

  /** Nothing that it holds is worth anything any more. */
  clear(): void {
    this.#held.clear();
    this.#stopThinking();
  }

  /** Begins to decide about the first job that needs something, if that takes time and it is not deciding already. */
  decide(): void {
    const { answer } = this.#manners;
    if (answer.type === 'slow') this.#thinkSlowly(answer);
    else if (answer.type === 'hoard') this.#hoard(answer.patienceMs);
  }

  #isWanted({ resources, hostname, maxTaskDurationMs = Number.POSITIVE_INFINITY }: Offer): boolean {
    const { offerMin, hosts, maxTaskDurationAtLeastMs } = this.#manners;
    if (this.#demand.needing.size === 0 || !contains(resources, offerMin)) return false;
    if (maxTaskDurationMs < maxTaskDurationAtLeastMs) return false;
    return hosts === undefined || hosts.includes(hostname);
  }

  #decline(offers: Iterable<Offer>): void {
    const { refuseSeconds } = this.#manners;
    for (const { id } of [...offers]) {
      this.#held.delete(id);
      this.#driver.replyToOffer([id], [], { refuseSeconds });
    }
  }

  /** Launches what fits of these jobs, and gives back the rest. How many tasks it launched. */
  #answer(offers: Iterable<Offer>, jobs: Iterable<LoadJob>): number {
    const { refuseSeconds } = this.#manners;
    let launched = 0;
    for (const offer of [...offers]) {
      // It may have been rescinded meanwhile.
      if (!this.#held.delete(offer.id)) continue;
      const tasks = this.#demand.launch(offer, jobs);
      launched += tasks.length;
      this.#driver.replyToOffer([offer.id], tasks, { refuseSeconds });
    }
    return launched;
  }

  #answerLater(offer: Offer): void {
    this.#driver.after(this.#holdMs(), () => {
      this.#answer([offer], this.#demand.needing);
      this.#demand.answered();
    });
  }

  #thinkSlowly(answer: { readonly perJobMs: Millis; readonly perTaskMs: Millis }): void {
    if (this.#thinking !== undefined || this.#held.size === 0) return;
    const [job] = this.#demand.needing;
    if (job === undefined) return this.#decline(this.#held.values());
    const offers = [...this.#held.values()];
    const tookMs = answer.perJobMs + answer.perTaskMs * this.#demand.fits(job, offers);
    this.#thinking = this.#driver.after(tookMs, () => {
      this.#thinking = undefined;
      this.#demand.decided(job, { tookMs, tasks: this.#answer(offers, [job]) });
      this.#thinkSlowly(answer);
      this.#demand.answered();
    });
  }

  #hoard(patienceMs: Millis): void {
    const [job] = this.#demand.needing;
    if (job === undefined) {
      this.#stopThinking();
      return this.#decline(this.#held.values());
    }
    if (this.#demand.fits(job, [...this.#held.values()]) >= job.waiting) {
      this.#stopThinking();
      this.#answer(this.#held.values(), [job]);
      return this.#demand.decided(job);
    }
    if (this.#held.size === 0) return;
    this.#thinking ??= this.#driver.after(patienceMs, () => {
      this.#thinking = undefined;
      this.#decline(this.#held.values());
      this.#demand.decided(job);
      this.#demand.answered();
    });
  }

  #stopThinking(): void {
    this.#thinking?.cancel();
    this.#thinking = undefined;
  }
}
