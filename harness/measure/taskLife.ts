/** Invariants: a task is launched once, ends once, and does end. */
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { isTerminal, type StatusReason, type TaskState } from '../../mesos/protocol/tasks.ts';
import { Findings, type Invariant } from './invariant.ts';
import { isMaster, taskKey } from './scope.ts';

/** What was told of a task last. */
interface Known {
  state: TaskState;
  reason: StatusReason | undefined;
  /** How many masters had been elected by then. */
  reigns: number;
}

/** May a task be heard of again that has ended in a master's books, though not for certain? */
function mayComeBack({ reason, reigns }: Known, reignsNow: number): boolean {
  switch (reason) {
    // The slave was given up, and may return.
    case 'REASON_SLAVE_REMOVED':
      return true;
    // The next master does not know that the framework was removed.
    case 'REASON_FRAMEWORK_REMOVED':
      return reignsNow > reigns;
    default:
      return false;
  }
}

/**
 * No task runs twice, or changes state after a terminal one. The same terminal state reported again is no
 * change, and a task that is refused ends without having been launched. One that a master only took for ended, because its
 * slave was out of reach or its framework gone, may be heard of again.
 */
export function tasksRunOnce(): Invariant {
  const findings = new Findings(
    'tasks-run-once',
    'No task runs twice, or changes state after a terminal one.',
  );
  const states = new Map<string, Known>();
  let reigns = 0;
  return {
    observe(line) {
      if (line.event === 'master-elected') reigns++;
      else if (line.event === 'task-launched') {
        const key = taskKey(line);
        if (states.has(key)) findings.report(line, 'a task of this id was there before');
        states.set(key, { state: 'TASK_STAGING', reason: undefined, reigns });
      } else if (line.event === 'task-updated') {
        const { state, reason } = line;
        const known = states.get(taskKey(line));
        if (known === undefined) {
          if (!isTerminal(state)) findings.report(line, 'this task was never launched');
          states.set(taskKey(line), { state, reason, reigns });
        } else if (isTerminal(known.state) && state !== known.state && !mayComeBack(known, reigns))
          findings.report(line, `this task was ${known.state} before`);
        else tell(known, line, reigns);
      }
    },
    result: () => findings.check(`${states.size} tasks`),
  };
}

function tell(
  known: Known,
  { state, reason }: HistoryLine & { readonly event: 'task-updated' },
  reigns: number,
): void {
  known.state = state;
  known.reason = reason;
  known.reigns = reigns;
}

/** A task of which there was something to hear. */
interface Life {
  /** The latest line that launched it, if there was one. */
  launch: HistoryLine | undefined;
  /** The latest end that was told of it, if there was one. */
  ended: Known | undefined;
}

/**
 * Every launched task has reached a terminal state by the end of the history. One that was launched by a master which has
 * been succeeded, and that no master has heard of since, has ended with that master: its order may never have arrived.
 */
export function tasksEnd(): Invariant {
  const findings = new Findings('tasks-end', 'Every launched task ended.');
  const lives = new Map<string, Life>();
  const running = new Set<Life>();
  let launched = 0;
  let reigns = 0;
  const lifeOf = (key: string): Life => {
    let life = lives.get(key);
    if (life === undefined) {
      life = { launch: undefined, ended: undefined };
      lives.set(key, life);
    }
    return life;
  };
  return {
    observe(line) {
      if (line.event === 'master-elected') {
        reigns++;
        for (const life of running) if (isMaster(life.launch?.by ?? '')) running.delete(life);
      } else if (line.event === 'task-launched') {
        const life = lifeOf(taskKey(line));
        if (life.launch === undefined) launched++;
        life.launch = line;
        running.add(life);
      } else if (line.event === 'task-updated') {
        const life = lifeOf(taskKey(line));
        const { launch, ended } = life;
        if (isTerminal(line.state)) {
          running.delete(life);
          if (ended !== undefined) tell(ended, line, reigns);
          else life.ended = { state: line.state, reason: line.reason, reigns };
        } else if (launch !== undefined && (ended === undefined || mayComeBack(ended, reigns)))
          running.add(life);
      }
    },
    result: () =>
      findings.check(
        `${launched} tasks`,
        [...running].flatMap(({ launch }) => launch ?? []),
        'this task never ended',
      ),
  };
}
