/** A MapReduce job from its input to its output: what is put into the block store for it, and what is taken out. */
import * as v from 'valibot';
import type { Block, Node } from '../../../frameworks/dfs/block.ts';
import type { Dfs } from '../../../frameworks/dfs/dfs.ts';
import { spaceOf } from '../../../frameworks/dfs/storedFile.ts';
import type { HadoopJob } from '../../../frameworks/hadoop/job.ts';
import type { SchedulerFactory } from '../../../mesos/driver/scheduler.ts';
import { formatBytes } from '../byteSize.ts';
import { usageError } from '../exit.ts';
import { FRAMEWORKS } from '../frameworks.ts';
import { checkOutput, writeOutput } from './localOutput.ts';
import { type LocalFile, type Location, localFiles, locationText, readLocation } from './location.ts';
import { openScratch, type Scratch } from './scratch.ts';
import { openStore, telling } from './store.ts';
import { putFiles } from './storeInput.ts';
import type { Collected, PreparedSubmission, Submission, Surroundings } from './submission.ts';
import { executorCommand, nameOf, type OwnFlags, slotOf } from './submitting.ts';

/** Flags of all MapReduce jobs. */
export interface HadoopFlags extends OwnFlags {
  readonly output: string;
  readonly overwrite?: boolean;
  readonly reduces: number;
  readonly block_size?: number;
  readonly replication?: number;
  readonly locality_wait?: number;
  readonly speculation: 'off' | 'hadoop' | 'late';
}

/** An input: what is in all these places. */
export interface Input {
  readonly locations: readonly Location[];
}

/** A job to be. */
export interface HadoopWork {
  readonly kind: string;
  readonly flags: HadoopFlags;
  readonly inputs: readonly Input[];
  /** What is to run on the blocks of these inputs: one job, or a chain of them of which the last has the output. */
  jobs(id: string, inputs: readonly (readonly Block[])[]): readonly HadoopJob[];
}

/** Makes a submission of it. Throws, in one sentence, what is wrong with the command line. */
export function hadoopSubmission(work: HadoopWork): Submission {
  const { flags } = work;
  const output = readLocation('--output', flags.output);
  const namenode = namenodeOf([output, ...work.inputs.flatMap(({ locations }) => locations)], flags.namenode);
  // What is wrong on this machine is told before anything is asked of another.
  const local = new Map<Location, readonly LocalFile[]>();
  for (const { locations } of work.inputs)
    for (const location of locations)
      if (location.is === 'local') local.set(location, localFiles(location.path));
  for (const { locations } of work.inputs)
    if (locations.every((location) => local.get(location)?.every(({ bytes }) => bytes === 0)))
      throw emptyInput(locations);
  if (output.is === 'local') checkOutput(output.path, flags.overwrite ?? false);
  const prepare = async (surroundings: Surroundings): Promise<PreparedSubmission> => {
    const { dfs, nodes, secret } = await openStore({ ...flags, namenode });
    try {
      if (output.is === 'dfs') await checkStoreOutput(dfs, output, flags);
      const scratch = await openScratch(dfs, secret);
      try {
        const inputs = await storeInputs(work, { dfs, scratch, local, surroundings });
        return await prepared(work, { dfs, nodes, secret, scratch, inputs, output, surroundings });
      } catch (error) {
        await scratch.remove();
        throw error;
      }
    } catch (error) {
      dfs.close();
      throw error;
    }
  };
  return { prepare: (surroundings) => telling(prepare(surroundings)) };
}

function emptyInput(locations: readonly Location[]): Error {
  return usageError(`the input is empty: ${locations.map(locationText).slice(0, 5).join(', ')}`);
}

/** All places of one job are in one store. */
function namenodeOf(locations: readonly Location[], fallback: string): string {
  const named = new Set(
    locations.flatMap((one) => (one.is === 'dfs' && one.namenode !== undefined ? [one.namenode] : [])),
  );
  const [first, second] = named;
  if (second !== undefined)
    throw usageError(`a job works on one block store, and these are two: ${first} and ${second}`);
  return first ?? fallback;
}

async function checkStoreOutput(dfs: Dfs, output: Location, { overwrite }: HadoopFlags): Promise<void> {
  const entry = await dfs.stat(output.path).catch((error: { readonly kind?: string }) => {
    if (error.kind === 'absent') return undefined;
    throw error;
  });
  if (entry !== undefined && !overwrite)
    throw usageError(
      `the output ${locationText(output)} is there already: give --overwrite, or another --output`,
    );
}

interface InputSurroundings {
  readonly dfs: Dfs;
  readonly scratch: Scratch;
  readonly local: ReadonlyMap<Location, readonly LocalFile[]>;
  readonly surroundings: Surroundings;
}

/** The blocks of all inputs; what is on this machine is put into the store first. */
async function storeInputs(
  { inputs, flags }: HadoopWork,
  { dfs, scratch, local, surroundings }: InputSurroundings,
): Promise<readonly (readonly Block[])[]> {
  const all: (readonly Block[])[] = [];
  for (const [index, { locations }] of inputs.entries()) {
    const paths = locations.filter(({ is }) => is === 'dfs').map(({ path }) => path);
    const files = locations.flatMap((location) => local.get(location) ?? []);
    if (files.length > 0) {
      const path = `${scratch.path}/input-${index}`;
      await putFiles(dfs, path, files, {
        surroundings,
        ...(flags.block_size !== undefined && { blockBytes: flags.block_size }),
        ...(flags.replication !== undefined && { replication: flags.replication }),
      });
      paths.unshift(path);
    }
    const blocks: Block[] = [];
    for (const path of paths) {
      surroundings.interruption.check();
      blocks.push(...(await dfs.blocks(path)));
    }
    if (blocks.length === 0) throw emptyInput(locations);
    all.push(blocks);
  }
  return all;
}

interface Parts {
  readonly dfs: Dfs;
  readonly nodes: Readonly<Record<string, Node>>;
  readonly secret: string;
  readonly scratch: Scratch;
  readonly inputs: readonly (readonly Block[])[];
  readonly output: Location;
  readonly surroundings: Surroundings;
}

async function prepared(work: HadoopWork, parts: Parts): Promise<PreparedSubmission> {
  const { kind, flags } = work;
  const { dfs, nodes, scratch, inputs } = parts;
  const id = nameOf(flags, kind);
  const slot = slotOf(flags);
  const jobs = work.jobs(id, inputs);
  const [job, ...more] = jobs;
  const executor = { command: executorCommand(flags, 'hadoop') };
  const framework = await FRAMEWORKS.hadoop(
    {
      ...{ name: id, jobs, slot, executor, nodes },
      localityWaitMs: flags.locality_wait ?? 0,
      speculation: { policy: flags.speculation },
    },
    {},
  );
  let space: string | undefined;
  return {
    name: id,
    slot,
    // A queue is sent one at a time.
    ...(job !== undefined && more.length === 0 && { job }),
    scheduler: (events) => onNodesOnly(Object.keys(nodes), framework.scheduler(events)),
    async registered(frameworkId, whose) {
      space = spaceOf(frameworkId);
      await scratch.note(space, whose === 'own' ? undefined : id);
    },
    collect: (result) =>
      telling(collect(work, parts, { id, space: space as string, result: v.parse(ResultSchema, result) })),
    async cleanUp() {
      const left = await scratch.remove();
      dfs.close();
      return left;
    },
  };
}

/** A slave without a file server has no place for what its tasks would write. */
function onNodesOnly(hostnames: readonly string[], factory: SchedulerFactory): SchedulerFactory {
  return (driver) => {
    driver.setFilters([{ kind: 'hosts', hostnames }]);
    return factory(driver);
  };
}

/** What of a JobSummary is told. */
const ResultSchema = v.object({
  id: v.string(),
  outcome: v.string(),
  counters: v.exactOptional(v.record(v.string(), v.number())),
  parts: v.array(
    v.object({
      name: v.string(),
      hosts: v.array(v.string()),
      bytes: v.number(),
      file: v.exactOptional(v.string()),
    }),
  ),
});

interface Ended {
  /** The id of the whole: a job of a chain has another. */
  readonly id: string;
  readonly space: string;
  readonly result: v.InferOutput<typeof ResultSchema>;
}

/** Brings the output where it is wanted. */
async function collect(
  work: HadoopWork,
  { dfs, output, scratch, surroundings }: Parts,
  { id, space, result }: Ended,
): Promise<Collected> {
  const { flags } = work;
  const { id: jobId, outcome, parts, counters } = result;
  const overwrite = flags.overwrite ?? false;
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const folder = output.is === 'dfs' ? output.path : `${scratch.path}/output`;
  if (output.is === 'dfs' && overwrite) await removeOld(dfs, folder);
  const replication = output.is === 'dfs' ? flags.replication : 1;
  await dfs.adopt(folder, { space, jobId, parts }, replication === undefined ? {} : { replication });
  if (output.is === 'dfs') await dfs.write(`${folder}/_SUCCESS`, []);
  else {
    const bar = surroundings.start(`output to ${output.path}`);
    let read = 0;
    const counted = async function* (name: string): AsyncGenerator<Buffer> {
      for await (const chunk of dfs.read(`${folder}/${name}`)) {
        read += chunk.length;
        bar.report(read, Math.max(1, bytes), formatBytes(read));
        yield chunk;
      }
    };
    await writeOutput(
      output.path,
      parts.map(({ name }) => ({ name, read: () => counted(name) })),
      { overwrite, signal: surroundings.interruption.signal },
    ).catch((error: Error) => {
      bar.end('failed');
      throw error;
    });
    bar.end(formatBytes(read));
  }
  const place = locationText(output);
  const { localMaps = 0, remoteMaps = 0, mapInputBytes } = counters ?? {};
  const from =
    mapInputBytes === undefined || id !== jobId
      ? ''
      : `, from ${formatBytes(mapInputBytes)} by ${localMaps + remoteMaps} maps, ${localMaps} of them local`;
  return {
    lines: [
      `${place}: ${parts.length} ${parts.length === 1 ? 'part' : 'parts'}, ${formatBytes(bytes)}${from}`,
    ],
    json: {
      job: { id: jobId, outcome, counters },
      output: place,
      parts: parts.map(({ name, bytes }) => ({ name, bytes })),
    },
  };
}

async function removeOld(dfs: Dfs, folder: string): Promise<void> {
  await dfs.remove(folder, { recursive: true }).catch((error: { readonly kind?: string }) => {
    if (error.kind !== 'absent') throw error;
  });
}
