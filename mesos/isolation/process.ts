/**
 * Process isolation: an executor is a session of its own with a folder of its own, and nothing limits what it uses. Works for
 * every user on Linux.
 */
import * as v from 'valibot';
import { SANDBOX_VARIABLE } from './executorCommand.ts';
import { type ExecutorProcess, startExecutor, watchExecutor } from './executorProcess.ts';
import type { Container, ContainerOwner, ContainerSpec, Exit, Isolation, Usage } from './isolation.ts';
import {
  familyOf,
  isEnded,
  killStartedWith,
  type ProcessEntry,
  ProcessIdentitySchema,
  processes,
  residentBytes,
} from './processTable.ts';
import { makeSandbox, sandboxOf } from './sandbox.ts';

/** What process isolation needs. */
export interface ProcessIsolationOptions {
  /** The slave's work folder; sandboxes are made in it. */
  readonly workDir: string;
  /** What an executor is given beside the variables that Mesos gives, e.g. its token. */
  readonly environment?: (spec: ContainerSpec) => Readonly<Record<string, string>>;
}

/** An isolation module of real processes. */
export interface ClosableIsolation extends Isolation {
  readonly recover: NonNullable<Isolation['recover']>;
  /** Ends all containers, and waits until they have ended. */
  close(): Promise<void>;
}

/** How long one reading of all processes serves: a slave asks for all of its containers at a time. */
const TABLE_AGE_MS = 100;

/** Runs each executor as a session of its own. */
export function processIsolation(options: ProcessIsolationOptions): ClosableIsolation {
  /** Containers that run: what ends each, and the wait for that. */
  const running = new Map<() => void, Promise<void>>();
  const table = processTable();

  function follow(process: ExecutorProcess, sandbox: string, owner: ContainerOwner): Container {
    const { identity } = process;
    let isGone = false;
    /** Also what has left the session, as the command of a command task. */
    const endAll = (): void => {
      process.killGroup();
      if (identity !== undefined) killStartedWith(SANDBOX_VARIABLE, sandbox, identity.startTicks);
    };
    running.set(
      endAll,
      process.ended.then((exit) => {
        isGone = true;
        running.delete(endAll);
        // What the executor started and left behind.
        endAll();
        owner.exited(exit);
      }),
    );
    return {
      destroy: endAll,
      usage: () => (isGone || identity === undefined ? undefined : usageOf(table(), identity.pid)),
      ...(identity !== undefined && { state: identity }),
    };
  }

  return {
    launch(spec, owner) {
      try {
        const sandbox = makeSandbox(options.workDir, spec);
        const process = startExecutor({
          spec,
          sandbox,
          environment: options.environment?.(spec) ?? {},
          entrances: [],
        });
        return follow(process, sandbox, owner);
      } catch (error) {
        return failed(sandboxFailure(options.workDir, spec, error as Error), owner);
      }
    },
    recover(spec, state, owner) {
      const identity = v.safeParse(ProcessIdentitySchema, state);
      if (!identity.success) return failed(NOT_FOUND, owner);
      return follow(watchExecutor(identity.output), sandboxOf(options.workDir, spec), owner);
    },
    close: async () => {
      for (const endAll of running.keys()) endAll();
      await Promise.all(running.values());
    },
  };
}

/** How a container ends whose state says nothing that one could find it by. */
const NOT_FOUND: Exit = {
  status: 126,
  message:
    'The executor cannot be found again: what the slave wrote down of it does not tell which process it is',
};

/** How a container ends whose sandbox cannot be made. */
export function sandboxFailure(workDir: string, spec: ContainerSpec, error: Error): Exit {
  const sandbox = sandboxOf(workDir, spec);
  return { status: 126, message: `The executor's sandbox ${sandbox} cannot be made: ${error.message}` };
}

/** A container that never was. */
export function failed(exit: Exit, owner: ContainerOwner): Container {
  queueMicrotask(() => owner.exited(exit));
  return { destroy() {} };
}

/**
 * Sums over the living processes of the executor's session, and of those of its descendants. What ended processes used is counted
 * if their parent lives and has waited for them, otherwise it is not known.
 */
function usageOf(entries: readonly ProcessEntry[], headPid: number): Usage | undefined {
  const members = familyOf(entries, headPid).filter((entry) => !isEnded(entry));
  if (members.length === 0) return undefined;
  return {
    cpuSeconds: members.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    memBytes: members.reduce((sum, { pid }) => sum + residentBytes(pid), 0),
  };
}

/** Reads all processes, but not for every container anew. */
function processTable(): () => readonly ProcessEntry[] {
  let entries: readonly ProcessEntry[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  return () => {
    const now = performance.now();
    if (now - readAt > TABLE_AGE_MS) {
      entries = processes();
      readAt = now;
    }
    return entries;
  };
}
