/** An application: a driver program, its scheduler, and what is between them. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SchedulerDriver, SchedulerFactory } from '../../mesos/driver/scheduler.ts';
import type { Block } from '../files/block.ts';
import type { JobStatus } from '../jobBoard.ts';
import type { SparkConfig } from './config.ts';
import type { Main, SparkContext } from './program/context.ts';
import { Dataset, type DatasetOwner, serialized } from './program/dataset.ts';
import { DriverFiles } from './program/driverFiles.ts';
import { markHandle } from './program/handles.ts';
import type { SparkHandle } from './scheduling/handle.ts';
import type { JobSpec, LineageNode } from './scheduling/lineage.ts';
import { createSparkScheduler } from './scheduling/scheduler.ts';
import { type Action, PARTITIONS_MAX, type SourceInput, type TaskReport } from './taskData.ts';

/** Most bytes of the values of one partition of `parallelize`. */
const VALUES_BYTES_MAX = 512 * 1024;
/** Larger broadcast values go by file servers. */
const BROADCAST_INLINE_BYTES_MAX = 32 * 1024;
/** Without file servers, so many bytes can be broadcast, all values that a task uses together. */
const BROADCAST_MESSAGE_BYTES_MAX = 256 * 1024;
/** Least length of a partition of a local file for which no number is given. */
const SPLIT_BYTES_MIN = 1024 * 1024;

/** What became of an application. */
export interface SparkSummary {
  readonly framework: string;
  /** The application, as the one job that people submitted. */
  readonly jobs: readonly [
    { readonly id: string; readonly outcome: 'finished' | 'failed'; readonly message?: string },
  ];
  /** What `main` resolved to. */
  readonly result?: unknown;
  /** The actions. */
  readonly actions: readonly JobStatus[];
}

/** What an application needs of its surroundings. */
export interface ApplicationOptions {
  readonly config: SparkConfig;
  readonly main: Main;
  /** Of the file servers; not needed if the configuration names no nodes. */
  readonly secret: string;
  readonly log: (line: string) => void;
  /** The application has ended, and what it left on the nodes is gone. */
  readonly onDone: (summary: SparkSummary) => void;
  /** The framework is registered. */
  readonly onReady?: (handle: SparkHandle) => void;
}

/**
 * Makes the scheduler of an application. Its driver program starts when the framework is registered. Throws a TypeError without the
 * secret that it needs.
 */
export function createSparkApplication(options: ApplicationOptions): SchedulerFactory {
  const { config, main, onDone } = options;
  checkSecret(config, options.secret);
  const refused = Promise.withResolvers<never>();
  refused.promise.catch(() => undefined);
  return createSparkScheduler(config, {
    onReady: (handle, driver) => {
      options.onReady?.(handle);
      const context = new ApplicationContext(options, handle, driver);
      const done = async (end: Pick<SparkSummary, 'result'>, failure?: string): Promise<void> => {
        const actions = handle.jobs();
        await context.close();
        const outcome = failure === undefined ? 'finished' : 'failed';
        const job = { id: config.name, outcome, ...(failure !== undefined && { message: failure }) } as const;
        onDone({ framework: config.name, jobs: [job], ...end, actions });
        handle.stop();
      };
      // A driver program that throws before its first await is to fail like any other.
      const running = Promise.resolve().then(() => main(context, config.args));
      void Promise.race([running, refused.promise]).then(
        (result) => done(result === undefined ? {} : { result }),
        (error: unknown) => done({}, error instanceof Error ? error.message : String(error)),
      );
    },
    onRefused: (message) => refused.reject(new Error(`the master refused the framework: ${message}`)),
  });
}

/** Throws a TypeError if the application has nodes, and no secret for their file servers. */
export function checkSecret({ nodes }: Pick<SparkConfig, 'nodes'>, secret: string): void {
  if (Object.keys(nodes).length > 0 && secret === '')
    throw new TypeError(
      'The application has no secret for the file servers of its nodes; set HADOOP_FILE_SECRET.',
    );
}

class ApplicationContext implements SparkContext, DatasetOwner {
  readonly defaultPartitions: number;
  readonly canShuffle: boolean;
  readonly #options: ApplicationOptions;
  readonly #handle: SparkHandle;
  readonly #driver: SchedulerDriver;
  readonly #files: DriverFiles;
  readonly #accumulated = new Map<number, number>();
  /** Broadcast values on their way to the nodes. */
  readonly #uploads = new Set<Promise<unknown>>();
  #datasets = 0;
  #shuffles = 0;
  #handles = 0;
  #actions = 0;

  constructor(options: ApplicationOptions, handle: SparkHandle, driver: SchedulerDriver) {
    this.#options = options;
    this.#handle = handle;
    this.#driver = driver;
    const { nodes, defaultPartitions } = options.config;
    this.#files = new DriverFiles(nodes, handle.space, options.secret);
    this.defaultPartitions = defaultPartitions;
    this.canShuffle = Object.keys(nodes).length > 0;
  }

  textFile(input: string | readonly Block[], partitions?: number): Dataset<string> {
    const blocks = typeof input === 'string' ? this.#options.config.inputs[input] : input;
    if (blocks === undefined) return this.#localFile(input as string, partitions);
    if (blocks.length === 0) throw new RangeError('textFile: a text needs at least one block.');
    return this.#source(
      blocks.map((block) => ({ type: 'block', block: block as Block & { hosts: string[] } })),
      blocks.map(({ hosts }) => hosts),
    );
  }

  parallelize<T>(values: readonly T[], partitions = this.defaultPartitions): Dataset<T> {
    checkPartitions('parallelize', partitions);
    const inputs = Array.from({ length: partitions }, (_, n): SourceInput => {
      const from = Math.floor((n * values.length) / partitions);
      const to = Math.floor(((n + 1) * values.length) / partitions);
      const bytes = serialized(values.slice(from, to), `The values ${from} to ${to} of parallelize`);
      if (bytes.length > VALUES_BYTES_MAX)
        throw new TypeError(
          `parallelize: ${bytes.length} bytes in one partition are more than ${VALUES_BYTES_MAX}; use more than ${partitions} partitions, or a file.`,
        );
      return { type: 'values', bytes };
    });
    return this.#source(inputs);
  }

  broadcast<T>(value: T): ReturnType<SparkContext['broadcast']> & { readonly value: T } {
    const bytes = serialized(value, 'A broadcast value');
    const id = this.#handles++;
    if (bytes.length <= BROADCAST_INLINE_BYTES_MAX) this.#handle.broadcast(id, { type: 'inline', bytes });
    else if (!this.canShuffle) {
      if (bytes.length > BROADCAST_MESSAGE_BYTES_MAX)
        throw new TypeError(
          `A broadcast value of ${bytes.length} bytes needs the file servers of the nodes; name them in 'nodes' of the configuration.`,
        );
      this.#handle.broadcast(id, { type: 'inline', bytes });
    } else {
      const upload = this.#files.putBroadcast(id, bytes).then((hosts) => {
        this.#handle.broadcast(id, { type: 'file', hosts: [...hosts], bytes: bytes.length });
        this.#uploads.delete(upload);
      });
      // Whoever runs the next action is told.
      upload.catch(() => undefined);
      this.#uploads.add(upload);
    }
    const destroy = (): void => {
      this.#handle.forgetBroadcast(id);
      if (bytes.length > BROADCAST_INLINE_BYTES_MAX && this.canShuffle) void this.#files.removeBroadcast(id);
    };
    return markHandle({ value, destroy }, { type: 'broadcast', id });
  }

  accumulator(): ReturnType<SparkContext['accumulator']> {
    const id = this.#handles++;
    const accumulated = this.#accumulated;
    const add = (amount: number): void => void accumulated.set(id, (accumulated.get(id) ?? 0) + amount);
    const handle = {
      add,
      get value() {
        return accumulated.get(id) ?? 0;
      },
    };
    return markHandle(handle, { type: 'accumulator', id });
  }

  now(): number {
    return this.#driver.now();
  }

  log(line: string): void {
    this.#options.log(line);
  }

  nextDatasetId(): number {
    return this.#datasets++;
  }

  nextShuffleId(): number {
    return this.#shuffles++;
  }

  unpersist(node: LineageNode): void {
    this.#handle.unpersist(node);
  }

  async run(
    node: LineageNode,
    action: Action,
    partitions: readonly number[],
    kind: string,
  ): Promise<readonly unknown[]> {
    await Promise.all(this.#uploads);
    const ended = Promise.withResolvers<void>();
    const answers = new Map<number, unknown>();
    let bytes = 0;
    const id = `${this.#actions++}-${kind}`;
    const take = async (report: TaskReport): Promise<unknown> => {
      if (report.result.type === 'none') throw new Error('the task sent no result');
      bytes += report.result.type === 'inline' ? report.result.bytes.length : report.result.bytes;
      const { resultBytesMax } = this.#options.config;
      if (bytes > resultBytesMax)
        submitted.cancel(
          `the results have more than the ${resultBytesMax} bytes that a driver program takes; reduce them on the executors, or raise resultBytesMax.`,
        );
      return this.#files.readResult(report.result);
    };
    const spec: JobSpec = { id, kind, node, partitions, action };
    const submitted = this.#handle.submit(spec, {
      onResult: (partition, report, answer) => {
        take(report).then(
          (value) => {
            answers.set(partition, value);
            answer.taken();
          },
          (error: Error) => answer.again(error.message),
        );
      },
      onAccumulated: (amounts) => {
        for (const { id: one, amount } of amounts)
          this.#accumulated.set(one, (this.#accumulated.get(one) ?? 0) + amount);
      },
      onEnd: (failure) => {
        if (failure === undefined) ended.resolve();
        else ended.reject(new Error(`${kind}: ${failure}`));
      },
    });
    await ended.promise;
    return partitions.map((partition) => answers.get(partition));
  }

  /** Removes what the application left on its nodes. */
  close(): Promise<void> {
    return this.#files.close();
  }

  #localFile(file: string, wanted = this.defaultPartitions): Dataset<string> {
    checkPartitions('textFile', wanted);
    const path = resolve(file);
    let size: number;
    try {
      size = statSync(path).size;
    } catch (error) {
      const inputs = Object.keys(this.#options.config.inputs);
      throw new RangeError(
        `textFile: '${file}' is neither an input of the configuration (${inputs.join(', ') || 'there is none'}) nor a file: ${(error as Error).message}.`,
      );
    }
    const partitions = Math.max(1, Math.min(wanted, Math.ceil(size / SPLIT_BYTES_MIN)));
    const inputs = Array.from(
      { length: partitions },
      (_, n): SourceInput => ({
        type: 'file',
        path,
        start: Math.floor((n * size) / partitions),
        end: Math.floor(((n + 1) * size) / partitions),
      }),
    );
    return this.#source(inputs);
  }

  #source<T>(inputs: readonly SourceInput[], hosts?: readonly (readonly string[])[]): Dataset<T> {
    const node: LineageNode = {
      id: this.nextDatasetId(),
      partitions: inputs.length,
      step: { type: 'source' },
      dependencies: [],
      inputs,
      ...(hosts !== undefined && { hosts }),
      isCached: false,
    };
    return new Dataset<T>(this, node);
  }
}

function checkPartitions(operation: string, partitions: number): void {
  if (!Number.isSafeInteger(partitions) || partitions < 1 || partitions > PARTITIONS_MAX)
    throw new RangeError(
      `${operation}: the number of partitions must be from 1 to ${PARTITIONS_MAX}, not ${partitions}.`,
    );
}
