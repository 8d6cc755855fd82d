/** How many slots the framework may have. */
import type { SchedulerDriver } from '../../mesos/driver/scheduler.ts';
import { isEmpty, timesContained } from '../../mesos/protocol/resources.ts';
import type { TorqueConfig } from './config.ts';

/** Infinity if no limit is set and nothing is guaranteed. */
export class Allowance {
  readonly #config: TorqueConfig;
  readonly #driver: SchedulerDriver;
  /** The most slots that are known to be guaranteed; undefined: none that it knows of. */
  #guaranteed: number | undefined;

  constructor(config: TorqueConfig, driver: SchedulerDriver) {
    this.#config = config;
    this.#driver = driver;
  }

  /** What is guaranteed may be another share now. */
  registered(): void {
    this.#guaranteed = undefined;
  }

  /** At the moment. */
  get slots(): number {
    const { slotsMax, slot } = this.#config;
    if (slotsMax !== undefined) return slotsMax;
    const share = this.#driver.getGuaranteedShare();
    // On slaves of its own the share shrinks when one is lost, which may be back any moment.
    if (!isEmpty(share)) this.#guaranteed = Math.max(this.#guaranteed ?? 0, timesContained(share, slot));
    return this.#guaranteed ?? Number.POSITIVE_INFINITY;
  }
}
