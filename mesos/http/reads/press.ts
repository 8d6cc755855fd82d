/**
 * Where large answers are written, a sheet at a time, so that a process does other things in between. Those who ask for the same
 * before it has begun get the same copy (as in Apache Mesos since 1.7): what everybody reads was written after they had asked.
 */
import { Edition, type Packing } from './edition.ts';
import type { ScrollReader } from './scroll.ts';
import type { Production } from './sheet.ts';

/** Bounds of a press. */
export interface PressOptions {
  /** Bytes that may wait for readers, all together; the one for whom most waits is dropped. Default 256 MiB. */
  readonly waitingBytesMax?: number;
  /** A copy is not written further while so much of it waits for all of its readers; default 32 MiB. */
  readonly aheadBytesMax?: number;
}

/** A press. */
export interface Press {
  /**
   * A copy of what `production` writes. It is asked for when it is read for the first time; `key` says what is the same. Breaks
   * off with an error if the production does, or if the reader is too slow.
   */
  copy(key: string, production: Production, packing?: Packing): AsyncIterable<Uint8Array>;
  /** Readers that have been dropped. */
  readonly dropped: number;
}

const WAITING_BYTES_MAX = 256 << 20;
const AHEAD_BYTES_MAX = 32 << 20;

/** Makes a press. */
export function press(options: PressOptions = {}): Press {
  const { waitingBytesMax = WAITING_BYTES_MAX, aheadBytesMax = AHEAD_BYTES_MAX } = options;
  const editions = new Set<Edition>();
  /** Those that have not begun: who asks for the same may have them too. */
  const next = new Map<string, Edition>();
  /** Those that are being written, in the order of their turns. Of each key one at a time begins. */
  const line = new Set<Edition>();
  /** Those that wait for their readers. */
  const stalled = new Set<Edition>();
  let dropped = 0;
  let isTurnSet = false;

  function editionOf(key: string, production: Production): Edition {
    const known = next.get(key);
    if (known !== undefined) return known;
    const edition = new Edition(key, production, () => read(edition));
    editions.add(edition);
    next.set(key, edition);
    begin(key);
    return edition;
  }

  /** Puts the next of a key into the line, if none of that key is there. */
  function begin(key: string): void {
    const edition = next.get(key);
    if (edition === undefined) return;
    for (const other of line) if (other.key === key) return;
    queue(edition);
  }

  function queue(edition: Edition): void {
    line.add(edition);
    setTurn();
  }

  function setTurn(): void {
    if (isTurnSet || line.size === 0) return;
    isTurnSet = true;
    setImmediate(turn);
  }

  /** Writes on the first in the line. */
  function turn(): void {
    isTurnSet = false;
    const [edition] = line;
    if (edition === undefined) return;
    line.delete(edition);
    if (next.get(edition.key) === edition) next.delete(edition.key);
    edition.write();
    if (edition.isWritten) forget(edition);
    else if (edition.ahead < aheadBytesMax) line.add(edition);
    else stalled.add(edition);
    begin(edition.key);
    dropSlow();
    setTurn();
  }

  function read(edition: Edition): void {
    if (edition.isWritten) forget(edition);
    if (edition.ahead <= aheadBytesMax / 2 && stalled.delete(edition)) queue(edition);
  }

  function forget(edition: Edition): void {
    if (edition.isForgotten) editions.delete(edition);
  }

  function dropSlow(): void {
    for (;;) {
      let waiting = 0;
      for (const edition of editions) waiting += edition.waiting;
      if (waiting <= waitingBytesMax) return;
      let slowest: ScrollReader | undefined;
      for (const edition of editions)
        for (const reader of edition.readers())
          if (slowest === undefined || reader.behind > slowest.behind) slowest = reader;
      if (slowest === undefined) return;
      dropped++;
      slowest.drop(`the reader is too slow: ${slowest.behind} bytes wait for it`);
    }
  }

  return {
    copy: (key, production, packing = 'plain') => ({
      [Symbol.asyncIterator]: () => editionOf(key, production).open(packing),
    }),
    get dropped() {
      return dropped;
    },
  };
}
