/** What a submission does with the block store before its scheduler starts: its input is there, as blocks, and its output may come. */
import type { Command } from 'commander';
import type { Dfs } from '../../../frameworks/dfs/dfs.ts';
import type { Block, Node } from '../../../frameworks/files/block.ts';
import { byteSize } from '../byteSize.ts';
import { usageError } from '../exit.ts';
import { wholeNumber } from '../flagValues.ts';
import { checkStoreOutput } from './earlierOutput.ts';
import { checkOutput } from './localOutput.ts';
import { type LocalFile, type Location, localFiles, locationText } from './location.ts';
import { openScratch, type Scratch } from './scratch.ts';
import { openStore, telling } from './store.ts';
import { putFiles } from './storeInput.ts';
import type { PreparedSubmission, Submission, Surroundings } from './submission.ts';

/** The flags of submissions that work with the store. */
export interface StoreFlags {
  readonly namenode: string;
  readonly dfs_secret_file?: string;
  readonly block_size?: number;
  readonly replication?: number;
  readonly overwrite?: boolean;
}

const BLOCK_BYTES_MAX = 2 ** 30;

/** Gives a command these flags, but `--overwrite`. */
export function withStore(command: Command): Command {
  return command
    .option('--namenode <host:port>', "of the block store (default: the cluster's, else 127.0.0.1:5070)")
    .option('--dfs_secret_file <file>', 'file with the secret of the block store')
    .option(
      '--block_size <size>',
      'largest block of files that are put into the store',
      byteSize('--block_size', 1, BLOCK_BYTES_MAX),
    )
    .option(
      '--replication <n>',
      'on how many nodes each block is to be',
      wholeNumber('--replication', 1, 512),
    );
}

/** Gives a command the flags of an output that is one folder. */
export function withOutput(command: Command): Command {
  return command
    .requiredOption(
      '--output <folder>',
      'folder of this machine, or dfs:/path of the block store; not there yet',
    )
    .option('--overwrite', 'replace an output that is there');
}

/** An input: what is in all these places. */
export interface Input {
  readonly locations: readonly Location[];
}

/** The store, with all that a submission has in it. */
export interface StoreSession {
  readonly dfs: Dfs;
  /** Its file servers, by the hostname of their slave. */
  readonly nodes: Readonly<Record<string, Node>>;
  readonly secret: string;
  readonly scratch: Scratch;
  /** Of each input, in order. */
  readonly blocks: readonly (readonly Block[])[];
  readonly surroundings: Surroundings;
}

/** What is wanted of the store. */
export interface StoreWork {
  readonly flags: StoreFlags;
  readonly inputs: readonly Input[];
  readonly output?: Location;
  /** Gets the scheduler ready, with everything in its place. */
  prepare(session: StoreSession): Promise<PreparedSubmission>;
}

/** Makes a submission of it. Throws, in one sentence, what is wrong on this machine, before anything is asked of another. */
export function storeSubmission({ flags, inputs, output, prepare }: StoreWork): Submission {
  const locations = [
    ...(output === undefined ? [] : [output]),
    ...inputs.flatMap((input) => input.locations),
  ];
  const namenode = namenodeOf(locations, flags.namenode);
  const local = new Map<Location, readonly LocalFile[]>();
  for (const location of locations)
    if (location !== output && location.is === 'local') local.set(location, localFiles(location.path));
  for (const { locations } of inputs)
    if (locations.every((location) => local.get(location)?.every(({ bytes }) => bytes === 0)))
      throw emptyInput(locations);
  if (output?.is === 'local') checkOutput(output.path, flags.overwrite ?? false);
  const open = async (surroundings: Surroundings): Promise<PreparedSubmission> => {
    const { dfs, nodes, secret } = await openStore({ ...flags, namenode });
    try {
      if (output?.is === 'dfs') await checkStoreOutput(dfs, output, flags.overwrite ?? false);
      const scratch = await openScratch(dfs, secret);
      const own = { dfs, nodes, secret, scratch, surroundings };
      try {
        const prepared = await prepare({ ...own, blocks: await storeInputs(inputs, local, flags, own) });
        const cleanUp = async (): Promise<readonly string[]> => {
          const left = await scratch.remove();
          dfs.close();
          return [...(await prepared.cleanUp()), ...left];
        };
        return { ...prepared, collect: (result) => telling(prepared.collect(result)), cleanUp };
      } catch (error) {
        await scratch.remove();
        throw error;
      }
    } catch (error) {
      dfs.close();
      throw error;
    }
  };
  return { prepare: (surroundings) => telling(open(surroundings)) };
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

/** The blocks of all inputs; what is on this machine is put into the store first. */
async function storeInputs(
  inputs: readonly Input[],
  local: ReadonlyMap<Location, readonly LocalFile[]>,
  flags: StoreFlags,
  { dfs, scratch, surroundings }: Omit<StoreSession, 'blocks'>,
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
