/** Who held which slot of which slave, and when, as segments that a reader can look at. */
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import type { Timeline } from '../result.ts';
import { type Fold, foldOf } from './fold.ts';
import { frameworkNames } from './frameworkNames.ts';
import { newPass } from './pass.ts';
import type { Span } from './stepFunction.ts';

/** More segments than this are put together further, and then left out slave by slave. */
const SEGMENTS_MAX = 10_000;

/** Pauses that may be within a segment, in milliseconds, tried in this order. */
const PAUSES_MS = [500, 1000, 2000, 5000] as const;

/** Tasks of one framework on one slot, one after the other. */
interface Segment {
  readonly framework: number;
  readonly fromMs: number;
  /** Infinite while its last task runs. */
  toMs: number;
  tasks: number;
}

/** Order of hostnames: node9 before node10. */
const BY_NUMBER = new Intl.Collator('en', { numeric: true });

/** Segments of one slave, by slot; what runs now is the last segment of a busy slot. */
interface SlaveSlots {
  readonly hostname: string;
  readonly slots: Segment[][];
  readonly isBusy: boolean[];
}

/** Where a task runs. */
interface Place {
  readonly slave: SlaveSlots;
  readonly slot: number;
}

/** The segments of a span of time; what is not within it is cut off. */
export interface TimelineFold extends Fold<(run: Span) => Timeline> {}

/**
 * Follows tasks from their launch to their terminal update, or to the end of the span. Slaves
 * stand in the order of their hostnames, so that those of a static partition stand together.
 */
export function timeline(segmentsMax: number = SEGMENTS_MAX, pass = newPass()): TimelineFold {
  const registered = pass.shared(frameworkNames);
  const nameOf = registered.result();
  const slaves = new Map<number, SlaveSlots>();
  const names: string[] = [];
  const running = new Map<number, Place>();
  const slaveOf = (number: number, hostname: string): SlaveSlots => {
    const known = slaves.get(number);
    if (known !== undefined) return known;
    const slave = { hostname, slots: [], isBusy: [] };
    slaves.set(number, slave);
    return slave;
  };
  const indexOf = (name: string): number => {
    const index = names.indexOf(name);
    return index >= 0 ? index : names.push(name) - 1;
  };
  return foldOf({
    parts: [registered],
    on: {
      'slave-registered': (line) => void slaveOf(pass.slave(line), line.hostname),
      'task-launched': (line) => {
        const task = pass.task(line);
        if (running.has(task)) return;
        const framework = indexOf(nameOf(line) ?? line.frameworkId);
        running.set(task, take(slaveOf(pass.slave(line), line.slaveId), framework, line.t));
      },
      'task-updated': (line) => {
        if (!isTerminal(line.state)) return;
        const task = pass.task(line);
        const place = running.get(task);
        if (place === undefined) return;
        running.delete(task);
        release(place, line.t);
      },
    },
    result: () => (run) => {
      const inOrder = [...slaves.values()].sort((a, b) => BY_NUMBER.compare(a.hostname, b.hostname));
      return drawnUp(inOrder, names, run, segmentsMax);
    },
  });
}

/** Gives a task the free slot on which its framework ran last, else the first free one. */
function take(slave: SlaveSlots, framework: number, t: number): Place {
  const { slots, isBusy } = slave;
  const same = slots.findIndex((segments, slot) => !isBusy[slot] && segments.at(-1)?.framework === framework);
  const free = same >= 0 ? same : slots.findIndex((_, slot) => !isBusy[slot]);
  const slot = free >= 0 ? free : slots.push([]) - 1;
  isBusy[slot] = true;
  const segments = slots[slot] as Segment[];
  const last = segments.at(-1);
  if (last?.framework === framework && t - last.toMs <= PAUSES_MS[0]) {
    last.toMs = Number.POSITIVE_INFINITY;
    last.tasks++;
  } else segments.push({ framework, fromMs: t, toMs: Number.POSITIVE_INFINITY, tasks: 1 });
  return { slave, slot };
}

function release({ slave, slot }: Place, t: number): void {
  slave.isBusy[slot] = false;
  const last = slave.slots[slot]?.at(-1);
  if (last !== undefined) last.toMs = t;
}

/** The segments with the shortest pauses that are few enough; if none are, of the first slaves only. */
function drawnUp(
  slaves: readonly SlaveSlots[],
  frameworks: readonly string[],
  run: Span,
  segmentsMax: number,
): Timeline {
  let pauseMs: number = PAUSES_MS[0];
  let joined: Segment[][][] = [];
  for (const longer of PAUSES_MS) {
    pauseMs = longer;
    joined = slaves.map((slave) => joinedSlots(slave, pauseMs, run));
    if (countOf(joined) <= segmentsMax) break;
  }
  let shown = joined.length;
  for (let n = 0, at = 0; at < joined.length; at++) {
    n += countOf([joined[at] as Segment[][]]);
    if (n > segmentsMax) {
      shown = at;
      break;
    }
  }
  return columns(joined.slice(0, shown), frameworks, run, pauseMs, joined.length - shown);
}

/** A slave's segments within the run, with pauses up to a length closed. */
function joinedSlots({ slots }: SlaveSlots, pauseMs: number, run: Span): Segment[][] {
  return slots.map((segments) => {
    const joined: Segment[] = [];
    for (const segment of segments) {
      if (segment.toMs <= run.fromMs || segment.fromMs >= run.toMs) continue;
      const last = joined.at(-1);
      if (last?.framework === segment.framework && segment.fromMs - last.toMs <= pauseMs) {
        last.toMs = segment.toMs;
        last.tasks += segment.tasks;
      } else joined.push({ ...segment });
    }
    return joined;
  });
}

function countOf(slaves: readonly Segment[][][]): number {
  return slaves.reduce((sum, slots) => slots.reduce((all, segments) => all + segments.length, sum), 0);
}

function columns(
  slaves: readonly Segment[][][],
  frameworks: readonly string[],
  run: Span,
  pauseMs: number,
  slavesLeftOut: number,
): Timeline {
  const rows = slaves.flatMap((slots, slave) =>
    slots.flatMap((segments, slot) => segments.map((segment) => ({ slave, slot, segment }))),
  );
  const seconds = (ms: number): number =>
    Math.round(Math.min(Math.max(ms, run.fromMs), run.toMs) - run.fromMs) / 1000;
  return {
    slots: slaves.map((slots) => slots.length),
    slavesLeftOut,
    tasks: rows.reduce((sum, { segment }) => sum + segment.tasks, 0),
    pauseS: pauseMs / 1000,
    frameworks,
    slave: rows.map(({ slave }) => slave),
    slot: rows.map(({ slot }) => slot),
    framework: rows.map(({ segment }) => segment.framework),
    fromS: rows.map(({ segment }) => seconds(segment.fromMs)),
    toS: rows.map(({ segment }) => seconds(segment.toMs)),
  };
}
