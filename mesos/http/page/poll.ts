/** What the stream does not carry: it is asked for now and then, only while somebody looks at it. */
import { type Millis, now } from './clock.ts';
import { troubleText } from './stream.ts';

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

/** A request to the master, for JSON. Throws an Error that says what is wrong. */
export async function askMaster(
  authorization: string | undefined,
  path: string,
  call?: object,
): Promise<unknown> {
  const response = await fetch(path, {
    ...(call !== undefined && { method: 'POST', body: JSON.stringify(call) }),
    headers: {
      Accept: 'application/json',
      ...(call !== undefined && { 'Content-Type': 'application/json' }),
      ...(authorization !== undefined && { Authorization: authorization }),
    },
    credentials: 'omit',
    redirect: 'manual',
    cache: 'no-store',
  });
  if (response.ok) return response.json();
  const text = response.type === 'opaqueredirect' ? '' : (await response.text()).slice(0, 300);
  throw new Error(text === '' ? `the master answered with status ${response.status}` : text);
}
