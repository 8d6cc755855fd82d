/** What the stream does not carry: it is asked for now and then, only while somebody looks at it. */
import { troubleText } from './ask.ts';
import { type Millis, now } from './clock.ts';

/** Something that is asked for now and then. */
export interface Poll<T> {
  /** The latest answer. */
  readonly value: T | undefined;
  /** Why there was none the last time. */
  readonly trouble: string | undefined;
  /** Asks again if it is time to. */
  wake(): void;
  /** Forgets the answer: it was of another master, or somebody else's. */
  forget(): void;
}

/** Makes a poll. `changed`: there is another answer. */
export function poll<T>(periodMs: Millis, ask: () => Promise<T>, changed: () => void): Poll<T> {
  let value: T | undefined;
  let trouble: string | undefined;
  let dueMs = 0;
  let edition = 0;
  let isAsking = false;

  async function run(mine: number): Promise<void> {
    isAsking = true;
    try {
      const answer = await ask();
      if (mine === edition) [value, trouble] = [answer, undefined];
    } catch (error) {
      if (mine === edition) trouble = troubleText(error);
    }
    isAsking = false;
    dueMs = now() + periodMs;
    changed();
  }
  return {
    get value() {
      return value;
    },
    get trouble() {
      return trouble;
    },
    wake() {
      if (!isAsking && now() >= dueMs) void run(edition);
    },
    forget() {
      edition++;
      [value, trouble, dueMs] = [undefined, undefined, 0];
    },
  };
}
