/** `/tasks`: a page of all tasks, those in the books, those out of reach, and those that have ended, in the order in which they began. */
import { EventQueue } from '../../runtime/eventQueue.ts';
import type { Chronicle, FrameworkRecord } from './chronicle.ts';
import { quoted } from './jsonText.ts';
import type { Production } from './sheet.ts';
import { startedOf, taskJson } from './taskRecord.ts';

/** Which tasks, and which of them. */
export interface TaskPage {
  readonly frameworkId: string | undefined;
  readonly taskId: string | undefined;
  readonly offset: number;
  readonly limit: number;
  readonly isAscending: boolean;
}

/** Tasks that are looked at before others get their turn. */
const TASKS_PER_TURN = 2000;

/** A task somewhere in the list. */
interface Entry {
  /** What it is ordered by. */
  readonly at: number;
  json(): string;
}

/** Entries in their order, of which some have been taken. */
interface Run {
  readonly order: number;
  readonly entries: readonly Entry[];
  readonly taken: number;
}

/** The page. All that could be on it is put in order piece by piece, and then merged as far as the page goes. */
export function tasksProduction(chronicle: Chronicle, page: TaskPage): Production {
  return function* (sheet) {
    const { offset, limit } = page;
    const runs = new EventQueue<Run>();
    let order = 0;
    const add = (entries: readonly Entry[], taken: number): void => {
      const entry = entries[taken];
      if (entry !== undefined) runs.push({ order: order++, entries, taken }, entry.at);
    };
    for (const entries of pieces(entriesOf(chronicle, page))) {
      add(entries, 0);
      yield;
    }
    sheet.write('{"tasks":[');
    let separator = '';
    for (let n = 0; n < offset + limit; n++) {
      const run = runs.pop();
      const entry = run?.entries[run.taken];
      if (run === undefined || entry === undefined) break;
      add(run.entries, run.taken + 1);
      if (n >= offset) {
        sheet.write(separator + entry.json());
        separator = ',';
      }
      if (sheet.isFull || n % TASKS_PER_TURN === 0) yield;
    }
    sheet.write(']}');
  };
}

function* pieces(entries: Iterable<Entry>): Iterable<readonly Entry[]> {
  let piece: Entry[] = [];
  for (const entry of entries) {
    piece.push(entry);
    if (piece.length < TASKS_PER_TURN) continue;
    yield piece.sort(byTime);
    piece = [];
  }
  yield piece.sort(byTime);
}

const byTime = (a: Entry, b: Entry): number => a.at - b.at;

function* entriesOf(chronicle: Chronicle, page: TaskPage): Iterable<Entry> {
  const { frameworkId } = page;
  const all = [...chronicle.frameworks.values(), ...chronicle.completedFrameworks];
  const chosen = all.filter(({ framework }) => frameworkId === undefined || framework.id === frameworkId);
  const snapshots = chosen.map((record) => ({
    record,
    tasks: live(record, page.taskId),
    ended: [[...record.unreachable.values()], record.completed.snapshot()],
  }));
  const sign = page.isAscending ? 1 : -1;
  const start = page.taskId === undefined ? undefined : `{"id":${quoted(page.taskId)},`;
  for (const { record, tasks, ended } of snapshots) {
    for (const task of tasks) yield { at: sign * startedOf(task), json: () => taskJson(task, record.common) };
    for (const list of ended)
      for (const task of list)
        if (start === undefined || task.json.startsWith(start))
          yield { at: sign * task.started, json: () => task.json };
  }
}

function live({ tasks }: FrameworkRecord, taskId: string | undefined) {
  if (taskId === undefined) return [...tasks.values()];
  const task = tasks.get(taskId);
  return task === undefined ? [] : [task];
}
