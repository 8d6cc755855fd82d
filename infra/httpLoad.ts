/**
 * Requests at even intervals, whatever becomes of those before, each timed from when it was to be sent: from a process of its own on
 * a machine, which goes before all others where its user may give it real-time priority.
 */
import { dirname, join } from 'node:path';
import type { Machine } from './machine.ts';
import { goFirst } from './realTime.ts';

/** What to ask for, and how often. */
export interface LoadPlan {
  readonly url: string;
  readonly perSecond: number;
  /** Requests in all. */
  readonly requests: number;
}

/** What became of it. */
export interface LoadReport {
  /** Of each request, from when it was to be sent until its whole answer was there. */
  readonly responseMs: readonly number[];
  /** By how much each was sent too late, which is part of its time. */
  readonly lateMs: readonly number[];
}

/** The process that asks. */
export interface HttpLoad {
  /** Does it run before all others? Else it waits for a processor like them, and that is part of what it measures. */
  readonly hasPriority: boolean;
  /** Sends requests; resolves when all are answered. Rejects if one is not answered with 200. One at a time. */
  run(plan: LoadPlan): Promise<LoadReport>;
}

/** How much longer than planned it may take: it gives up a request that is not answered for a minute. */
const LATE_MAX_MS = 300_000;

/** What the process writes. */
export type LoadAnswer = LoadReport | { readonly error: string };

/** Starts the process. It ends with the machine. */
export async function startHttpLoad(machine: Machine): Promise<HttpLoad> {
  const harness = dirname(machine.lab);
  const folder = join(machine.folder, 'load');
  const process = await machine.start({
    name: 'load',
    program: join(harness, 'node'),
    arguments: [join(harness, '..', 'infra', 'httpLoadPeer.ts'), folder],
  });
  const hasPriority = await goFirst(machine, process.pid);
  await process.waitForLine(/^ready$/);
  let runs = 0;
  return {
    hasPriority,
    async run(plan) {
      const number = ++runs;
      await machine.write(join(folder, `${number}.json`), JSON.stringify(plan));
      const spanMs = (plan.requests * 1_000) / plan.perSecond;
      await process.waitForLine(new RegExp(`^load ${number}$`), spanMs + LATE_MAX_MS);
      const answer: LoadAnswer = JSON.parse(
        String(await machine.read(join(folder, `${number}.answer.json`))),
      );
      if ('error' in answer) throw new Error(answer.error);
      return answer;
    },
  };
}
