/** Invariants: a task is launched once, ends once, and does end. */
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { isTerminal, type StatusReason, type TaskState } from '../../mesos/protocol/tasks.ts';
import { Column } from './column.ts';
import { foldOf } from './fold.ts';
import { Findings, type Invariant } from './invariant.ts';
import { newPass } from './pass.ts';
import { isMaster } from './scope.ts';

/** What was told of a task last. */
interface Known {
  readonly state: TaskState;
  readonly reason: StatusReason | undefined;
  /** How many masters had been elected by then. */
  readonly reigns: number;
}

/** May a task be heard of again that has ended in a master's books, though not for certain? */
function mayComeBack({ reason, reigns }: Known, reignsNow: number): boolean {
  // The next master does not know that the framework was removed.
  return isReturnPossible(reason) && (reason !== 'REASON_FRAMEWORK_REMOVED' || reignsNow > reigns);
}

/** Was a task given up that may run on: its slave was, and may return, or its framework? */
function isReturnPossible(reason: StatusReason | undefined): boolean {
  return reason === 'REASON_SLAVE_REMOVED' || reason === 'REASON_FRAMEWORK_REMOVED';
}

/** What is told of nearly all tasks is one value for all of them: there may be hundreds of thousands. */
function tidings(): (state: TaskState, reason: StatusReason | undefined, reigns: number) => Known {
  const usual = new Map<TaskState, Known>();
  return (state, reason, reigns) => {
    const known = usual.get(state);
    if (known !== undefined && known.reason === reason && known.reigns === reigns) return known;
    const news = { state, reason, reigns };
    usual.set(state, news);
    return news;
  };
}

/**
 * No task runs twice, or changes state after a terminal one. The same terminal state reported again is no
 * change, and a task that is refused ends without having been launched. One that a master only took for ended, because its
 * slave was out of reach or its framework gone, may be heard of again.
 */
export function tasksRunOnce(pass = newPass()): Invariant {
  const findings = new Findings(
    'tasks-run-once',
    'No task runs twice, or changes state after a terminal one.',
  );
  const states = new Column<Known>();
  const told = tidings();
  let tasks = 0;
  let reigns = 0;
  return foldOf({
    on: {
      'master-elected': () => {
        reigns++;
      },
      'task-launched': (line) => {
        const task = pass.task(line);
        if (states.get(task) === undefined) tasks++;
        else findings.report(line, 'a task of this id was there before');
        states.set(task, told('TASK_STAGING', undefined, reigns));
      },
      'task-updated': (line) => {
        const { state, reason } = line;
        const task = pass.task(line);
        const known = states.get(task);
        if (known === undefined) {
          tasks++;
          if (!isTerminal(state)) findings.report(line, 'this task was never launched');
        }
        if (known && isTerminal(known.state) && state !== known.state && !mayComeBack(known, reigns))
          findings.report(line, `this task was ${known.state} before`);
        else states.set(task, told(state, reason, reigns));
      },
    },
    result: () => findings.check(tasks, 'task'),
  });
}

/** A task of which there was something to hear. */
interface Life {
  /** The latest line that launched it, if there was one. */
  launch: HistoryLine | undefined;
  /** The latest end that was told of it, if there was one. */
  ended: Known | undefined;
}

/** Any task that was launched and has ended for certain: a line for each would be much to keep. */
const PAST: Life = {
  launch: undefined,
  ended: { state: 'TASK_FINISHED', reason: undefined, reigns: 0 },
};

/**
 * Every launched task has reached a terminal state by the end of the history. One that was launched by a master which has
 * been succeeded, and that no master has heard of since, has ended with that master: its order may never have arrived.
 */
export function tasksEnd(pass = newPass()): Invariant {
  const findings = new Findings('tasks-end', 'Every launched task ended.');
  const lives = new Column<Life>();
  const running = new Set<Life>();
  const told = tidings();
  let launched = 0;
  let reigns = 0;
  /** The life of a task that is not past. */
  const lifeOf = (task: number): Life => {
    const known = lives.get(task);
    if (known !== undefined && known !== PAST) return known;
    const life: Life = { launch: undefined, ended: known?.ended };
    lives.set(task, life);
    return life;
  };
  return foldOf({
    on: {
      'master-elected': () => {
        reigns++;
        for (const life of running) if (isMaster(life.launch?.by ?? '')) running.delete(life);
      },
      'task-launched': (line) => {
        const task = pass.task(line);
        const wasLaunched = lives.get(task) === PAST;
        const life = lifeOf(task);
        if (life.launch === undefined && !wasLaunched) launched++;
        life.launch = line;
        running.add(life);
      },
      'task-updated': (line) => {
        const task = pass.task(line);
        if (lives.get(task) === PAST) return;
        const life = lifeOf(task);
        const { launch, ended } = life;
        const { state, reason } = line;
        if (isTerminal(state)) {
          running.delete(life);
          if (launch !== undefined && !isReturnPossible(reason)) lives.set(task, PAST);
          else life.ended = told(state, reason, reigns);
        } else if (launch !== undefined && (ended === undefined || mayComeBack(ended, reigns)))
          running.add(life);
      },
    },
    result: () =>
      findings.check(
        launched,
        'task',
        [...running].flatMap(({ launch }) => launch ?? []),
        'this task never ended',
      ),
  });
}
