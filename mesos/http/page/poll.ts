/** What the stream does not carry: it is asked for now and then, only while somebody looks at it. */
import { troubleText } from './ask.ts';
import { type Millis, now } from './clock.ts';

/** Something that is asked for now and then. */
export interface Poll<T> {
  /** The latest answer. */
  readonly value: T | undefined;
  /** Why there was none the last time. */
  readonly trouble: string | undefined;
  /** Asks again, unless that was done within this time. */
  wake(periodMs: Millis): void;
  /** Forgets the answer, and the one that is under way: they are of another master, or somebody else's. */
  forget(): void;
}

/** Makes a poll. `changed`: there is another answer. */
export function poll<T>(ask: () => Promise<T>, changed: () => void): Poll<T> {
  let value: T | undefined;
  let trouble: string | undefined;
  let answeredMs = Number.NEGATIVE_INFINITY;
  let edition = 0;
  let isAsking = false;

  async function run(mine: number): Promise<void> {
    isAsking = true;
    try {
      const answer = await ask();
      if (mine !== edition) return;
      [value, trouble] = [answer, undefined];
    } catch (error) {
      if (mine !== edition) return;
      trouble = troubleText(error);
    }
    [isAsking, answeredMs] = [false, now()];
    changed();
  }
  return {
    get value() {
      return value;
    },
    get trouble() {
      return trouble;
    },
    wake(periodMs) {
      if (!isAsking && now() - answeredMs >= periodMs) void run(edition);
    },
    forget() {
      edition++;
      [value, trouble, answeredMs, isAsking] = [undefined, undefined, Number.NEGATIVE_INFINITY, false];
    },
  };
}
