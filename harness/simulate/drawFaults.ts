/** Draws what goes wrong in a simulation, and when. */
import type { Millis } from '../../mesos/runtime/actor.ts';
import type { Draw } from './draw.ts';
import { type Fault, type FaultEvent, type FaultKind, type FaultTime, SIDES, STOPPABLE } from './plan.ts';

/** A process does not come back sooner than this after everybody has noticed its death. */
const RESTART_MIN_MS = 5;
/** Longest time that something is down, cut off or still. */
const FAULT_MAX_MS = 60_000;
/** What the times of faults depend on. */
interface FaultTimes {
  /** A process does not come back sooner. */
  readonly restartMinMs: Millis;
  readonly sessionTimeoutMs: Millis;
}

/**
 * The faults of a plan: some at a time of their own, none later than `endMs`, and some that follow an event. `detectMs` is how long
 * a process's death may go unnoticed.
 */
export function drawFaults(
  draw: Draw,
  endMs: Millis,
  detectMs: Millis,
  sessionTimeoutMs: Millis,
): readonly Fault[] {
  // Its last message may be the one that makes somebody watch it.
  const times: FaultTimes = { restartMinMs: 2 * detectMs + RESTART_MIN_MS, sessionTimeoutMs };
  const timed = Array.from({ length: draw.integer(0, 8) }, () => ({
    when: { atMs: draw.integer(0, endMs), whom: draw.integer(0, 1e6) },
    what: drawKind(draw, times),
  }));
  const following = Array.from({ length: draw.integer(0, 20) }, () => drawFollowing(draw, times));
  return [...timed, ...following];
}

/** Faults that follow an event closely enough to cross messages that are under way. */
function drawFollowing(draw: Draw, times: FaultTimes): Fault {
  const after = draw.pick<FaultEvent>(
    'slave-registered',
    'framework-registered',
    'offer-sent',
    'task-launched',
    'task-launched',
    'task-updated',
    'task-updated',
    'executor-started',
    'executor-exited',
    'slave-disconnected',
    'master-elected',
    'checkpoint executor',
    'checkpoint task',
    'checkpoint update',
    'checkpoint update',
  );
  const isRare = after === 'master-elected' || after === 'slave-disconnected';
  const nth = Math.round(draw.spread(1, isRare ? 5 : 150));
  const when: FaultTime = { after, nth, delayMs: draw.pick(0, draw.spread(0.1, 2), draw.spread(1, 1000)) };
  if (!after.startsWith('checkpoint') || draw.chance(0.3)) return { when, what: drawKind(draw, times) };
  // Whatever the slave was about to do when it had written this, its next process has to do.
  const downMs = times.restartMinMs + draw.spread(1, FAULT_MAX_MS);
  return { when, what: { kind: 'slave-crash', takesLeave: false, reboots: draw.chance(0.1), downMs } };
}

function drawKind(draw: Draw, { restartMinMs, sessionTimeoutMs }: FaultTimes): FaultKind {
  const downMs = restartMinMs + draw.spread(1, FAULT_MAX_MS);
  const forMs = draw.pick(
    draw.spread(1, 2000),
    sessionTimeoutMs * draw.spread(0.5, 2),
    draw.spread(5000, FAULT_MAX_MS),
  );
  const between = draw.pick(...SIDES);
  switch (draw.integer(1, 16)) {
    case 1:
    case 2:
    case 3:
      return {
        kind: 'slave-crash',
        takesLeave: draw.chance(0.2),
        reboots: draw.chance(0.2),
        downMs: draw.chance(0.2) ? undefined : downMs,
      };
    case 4:
    case 5:
    case 6:
      return { kind: 'executor-crash', which: draw.integer(0, 1e6) };
    case 7:
      return { kind: 'scheduler-crash', downMs: draw.chance(0.4) ? undefined : downMs };
    case 8:
      return draw.chance(0.5)
        ? { kind: 'scheduler-superseded' }
        : { kind: 'scheduler-crash', downMs: draw.pick(undefined, downMs) };
    case 9:
    case 10:
      return {
        kind: 'master-crash',
        whom: draw.pick('leader', 'leader', 'any'),
        takesLeave: draw.chance(0.3),
        downMs,
      };
    case 11:
    case 12:
      return { kind: 'partition', between, forMs };
    case 13:
      return { kind: 'link-break', between };
    case 14:
    case 15:
      return { kind: 'pause', whom: draw.pick(...STOPPABLE), forMs };
    default:
      return draw.chance(0.3)
        ? { kind: 'ensemble-crash', downMs }
        : { kind: 'slow-link', between, extraMs: draw.spread(1, 3000), forMs };
  }
}
