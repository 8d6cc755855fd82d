/** How much memory pairs take while they are gathered, from samples. */
import { sizeOf } from './sizeOf.ts';

/** Every so many pairs one is looked at. */
const SAMPLE_EVERY = 64;
/** What a Map takes for an entry. */
const ENTRY_BYTES = 48;

/** A running estimate. */
export class MemoryEstimate {
  #operations = 0;
  #samples = 0;
  #sampledKeyBytes = 0;
  #sampledValueBytes = 0;

  /** A pair was added or folded; `value` is what is held for it. */
  note(key: unknown, value: unknown): void {
    if (this.#operations++ % SAMPLE_EVERY !== 0) return;
    this.#samples++;
    this.#sampledKeyBytes += sizeOf(key);
    this.#sampledValueBytes += sizeOf(value);
  }

  /** Bytes of so many keys and values like those that were looked at. */
  bytes(keys: number, values: number): number {
    if (this.#samples === 0) return 0;
    const perKey = ENTRY_BYTES + this.#sampledKeyBytes / this.#samples;
    return keys * perKey + values * (8 + this.#sampledValueBytes / this.#samples);
  }
}
