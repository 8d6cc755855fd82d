/** What machines are used for in the first part of a run, as their monitors would show it. */
import { processOf } from '../../mesos/runtime/actor.ts';
import { CPU_USE, MEMORY_USE } from '../../reports/paper/macro.ts';
import type { MakeMeasure } from '../experiments/experiment.ts';
import type { Curve } from '../result.ts';
import { clusterSize } from './cluster.ts';
import { foldOf } from './fold.ts';
import { holdings } from './holdings.ts';
import { newPass } from './pass.ts';
import { scopeOf } from './scope.ts';
import { StepFunction } from './stepFunction.ts';

/** How to turn what is held into what is used. */
export interface UseOptions {
  /** From the first submission on. */
  readonly windowS: number;
  /** CPU that is used for each that a task holds. */
  readonly cpuUsedPerHeld: number;
  /** Memory of an executor of each framework, by name, in MiB: beside that of its tasks, as long as it runs. */
  readonly executorMiB: Readonly<Record<string, number>>;
}

/** Points of the curves are means over so long. */
const STEP_S = 20;

/** Means over the window, of the whole cluster, and curves of the same names. */
export function use({ windowS, cpuUsedPerHeld, executorMiB }: UseOptions): MakeMeasure {
  return (pass = newPass()) => {
    const cluster = pass.shared(clusterSize);
    const held = pass.shared(holdings);
    /** What executors have beside their tasks, in MiB. */
    const beside = new StepFunction();
    /** Of frameworks, by scope and id. */
    const names = new Map<string, string>();
    const executors = new Map<string, number>();
    /** By hostname: where the ids are unique that its slave knows. */
    const scopes = new Map<string, string>();
    let startMs: number | undefined;
    return foldOf({
      parts: [cluster, held],
      on: {
        'slave-registered': (line) => void scopes.set(line.hostname, scopeOf(line)),
        'framework-registered': (line) => void names.set(`${scopeOf(line)} ${line.frameworkId}`, line.name),
        'job-submitted': (line) => {
          startMs ??= line.intendedMs;
        },
        'executor-started': (line) => {
          // It is recorded by the slave.
          const scope = scopes.get(hostOf(line.by));
          const own = executorMiB[names.get(`${scope} ${line.frameworkId}`) ?? ''] ?? 0;
          executors.set(executorKey(line), own);
          beside.change(line.t, own);
        },
        'executor-exited': (line) => {
          beside.change(line.t, -(executors.get(executorKey(line)) ?? 0));
          executors.delete(executorKey(line));
        },
      },
      result() {
        const fromMs = startMs ?? 0;
        const span = { fromMs, toMs: fromMs + 1000 * windowS };
        const { cpus: allCpus, memMiB } = cluster.result();
        const { cpus, mem } = held.result().total;
        const means = (of: StepFunction): readonly number[] => of.means(span, 1000 * STEP_S);
        const curve = (values: readonly number[], factor: number): Curve => ({
          x: values.map((_, n) => STEP_S * (n + 0.5)),
          y: values.map((value) => value * factor),
        });
        const [ofCpus, ofMem] = [(100 * cpuUsedPerHeld) / allCpus, 100 / memMiB];
        const besides = means(beside);
        const memInUse = means(mem).map((value, n) => value + (besides[n] ?? 0));
        return {
          values: {
            [CPU_USE]: cpus.mean(span) * ofCpus,
            [MEMORY_USE]: (mem.mean(span) + beside.mean(span)) * ofMem,
          },
          curves: { [CPU_USE]: curve(means(cpus), ofCpus), [MEMORY_USE]: curve(memInUse, ofMem) },
        };
      },
    });
  };
}

/** Of `slave@node001:5051`: `node001`. */
const hostOf = (actor: string): string => processOf(actor).split(':')[0] ?? '';

const executorKey = (line: {
  readonly by: string;
  readonly frameworkId: string;
  readonly executorId: string;
}): string => `${line.by} ${line.frameworkId} ${line.executorId}`;
