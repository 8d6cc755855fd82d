/** Kill and pause of a process. */
import type { RunningProcess } from '../machine.ts';
import { type Effect, SEEN_WITHIN_MS } from './effect.ts';
import type { Subject, SubjectProcess } from './subject.ts';

/** A process that is started again says that it is ready, which takes longer than to see something. */
const READY_WITHIN_MS = 60_000;

/** SIGKILL to a process and its group. It is started again when the fault is healed. */
export function kill(machine: Subject, name: string): Effect {
  let killed: RunningProcess | undefined;
  let wasKilled: SubjectProcess | undefined;
  return {
    lacking: async () => missing(machine, name),
    async inject() {
      const found = find(machine, name);
      killed = found.running();
      wasKilled = found;
      killed.signal('SIGKILL');
    },
    async unseen() {
      await killed?.exited;
      return undefined;
    },
    async heal() {
      const restarting = wasKilled;
      // Once is enough, also if it is healed again because that failed.
      if (restarting === undefined || restarting.running() !== killed) return;
      await killed.exited;
      await restarting.restart();
    },
    async remaining() {
      await wasKilled?.ready();
      return undefined;
    },
    visibleWithinMs: SEEN_WITHIN_MS,
    recoveredWithinMs: READY_WITHIN_MS,
  };
}

/** SIGSTOP to a process alone. */
export function pause(machine: Subject, name: string): Effect {
  let paused: RunningProcess | undefined;
  const stateOf = async (process: RunningProcess): Promise<string | undefined> => {
    const status = await machine.run('cat', `/proc/${pidOnMachine(process)}/status`).catch(() => '');
    return /^State:\s+(\S)/m.exec(status)?.[1];
  };
  return {
    lacking: async () => missing(machine, name),
    async inject() {
      paused = find(machine, name).running();
      paused.signalAlone('SIGSTOP');
    },
    async unseen() {
      const state = paused && (await stateOf(paused));
      return state === 'T' ? undefined : `${name} is ${state === undefined ? 'gone' : `in state ${state}`}`;
    },
    async heal() {
      paused?.signalAlone('SIGCONT');
    },
    async remaining() {
      const state = paused && (await stateOf(paused));
      if (state === undefined) return undefined;
      return state === 'T' ? `${name} still does not run` : undefined;
    },
    visibleWithinMs: SEEN_WITHIN_MS,
    recoveredWithinMs: SEEN_WITHIN_MS,
  };
}

function pidOnMachine({ pid, pidOnMachine }: RunningProcess): number {
  return pidOnMachine ?? pid;
}

function missing(machine: Subject, name: string): string | undefined {
  if (machine.processes.has(name)) return undefined;
  const names = [...machine.processes.keys()].join(', ');
  return `no process '${name}' runs on ${machine.name}: there is ${names === '' ? 'none' : names}`;
}

function find(machine: Subject, name: string): SubjectProcess {
  const found = machine.processes.get(name);
  if (found === undefined) throw new Error(missing(machine, name));
  return found;
}
