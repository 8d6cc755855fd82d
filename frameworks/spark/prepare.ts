/** From a configuration to what runs: for `lab framework spark` and `lab submit spark`. */
import type { SchedulerFactory } from '../../mesos/driver/scheduler.ts';
import { checkSecret, createSparkApplication, type SparkSummary } from './application.ts';
import { loadApplication } from './apps/applications.ts';
import { readArguments } from './apps/arguments.ts';
import { readSparkConfig } from './config.ts';
import type { SparkHandle } from './scheduling/handle.ts';

/** What an application finds in the process that it is started in. */
export interface SparkSurroundings {
  /** Of the file servers; default: the variable HADOOP_FILE_SECRET. */
  readonly secret?: string;
  /** Is told what the application says; default: nobody. */
  readonly log?: (line: string) => void;
}

/** An application that can be run. */
export interface PreparedSpark {
  readonly name: string;
  /** `done` is told once, at the end; `ready` when the framework is registered: from then on there is progress to see. */
  scheduler(done: (summary: SparkSummary) => void, ready?: (handle: SparkHandle) => void): SchedulerFactory;
}

/** Reads a configuration and loads its application. Rejects with a TypeError of one sentence if either is wrong, or what that is told. */
export async function prepareSpark(
  config: unknown,
  { secret = process.env.HADOOP_FILE_SECRET ?? '', log = () => {} }: SparkSurroundings = {},
): Promise<PreparedSpark> {
  const read = readSparkConfig(config);
  const { main, ArgsSchema } = await loadApplication(read.app);
  if (ArgsSchema !== undefined) readArguments(ArgsSchema, read.args);
  checkSecret(read, secret);
  return {
    name: read.name,
    scheduler: (onDone, onReady) =>
      createSparkApplication({ config: read, main, secret, log, onDone, ...(onReady && { onReady }) }),
  };
}
