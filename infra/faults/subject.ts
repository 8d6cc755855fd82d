/** A machine that faults hit: it remembers what runs on it, so that it can be started again. */
import type { Machine, ProcessSpec, RunningProcess } from '../machine.ts';

/** How long a process that is started again may take to say what it said when it was ready. */
const READY_WITHIN_MS = 60_000;

/** A machine that remembers its processes. */
export interface Subject extends Machine {
  /** The machine itself. What it starts is not remembered. */
  readonly machine: Machine;
  /** Those that were started on it and have not ended, by name. */
  readonly processes: ReadonlyMap<string, SubjectProcess>;
}

/** A process of such a machine. It is the same one, however often it is started again. */
export interface SubjectProcess {
  /** As it runs now, or ran last. */
  running(): RunningProcess;
  /** Starts it again as it was started. */
  restart(): Promise<void>;
  /** Resolves when it has said all that was waited for when it was started first. */
  ready(): Promise<void>;
}

/** Makes a machine remember. Processes must be started by what this returns. */
export function subject(machine: Machine): Subject {
  const processes = new Map<string, SubjectProcess>();
  return {
    ...machine,
    machine,
    processes,
    async start(spec) {
      const waitedFor: RegExp[] = [];
      const started = await startRemembered(machine, spec, waitedFor, processes);
      return {
        ...started,
        async waitForLine(pattern, limitMs) {
          const match = await started.waitForLine(pattern, limitMs);
          waitedFor.push(pattern);
          return match;
        },
      };
    },
  };
}

async function startRemembered(
  machine: Machine,
  spec: ProcessSpec,
  waitedFor: readonly RegExp[],
  processes: Map<string, SubjectProcess>,
): Promise<RunningProcess> {
  const start = async (): Promise<RunningProcess> => {
    const started = await machine.start(spec);
    processes.set(spec.name, remembered);
    void started.exited.then(() => {
      if (running === started) processes.delete(spec.name);
    });
    return started;
  };
  const remembered: SubjectProcess = {
    running: () => running,
    async restart() {
      running = await start();
    },
    async ready() {
      await Promise.all(waitedFor.map((line) => running.waitForLine(line, READY_WITHIN_MS)));
    },
  };
  let running = await start();
  return running;
}
