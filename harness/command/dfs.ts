/** `lab dfs`: the files of the block store, for people and scripts. */
import { Command, Option } from 'commander';
import type { Dfs, DfsEntry } from '../../frameworks/dfs/dfs.ts';
import { DfsError } from '../../frameworks/dfs/dfsRefusal.ts';
import { openDfs } from '../../frameworks/dfs/openDfs.ts';
import { byteSize, formatBytes } from './byteSize.ts';
import { CLUSTER_VARIABLE, findCluster } from './clusterFile.ts';
import { NAMENODE_PORT } from './daemons/nameNodePort.ts';
import { cat, get, put } from './dfsTransfer.ts';
import { CommandError, EXIT, usageError } from './exit.ts';
import { wholeNumber } from './flagValues.ts';
import { realClock } from './realClock.ts';
import { readSecret } from './security.ts';

/** A namenode that was started just now may take so long. */
const FIRST_PATIENCE_MS = 3_000;

interface StoreFlags {
  readonly cluster?: string;
  readonly namenode?: string;
  readonly secret_file?: string;
}

/** Gives a command the flags that say which store is meant. */
function withStore(command: Command): Command {
  return command
    .addOption(
      new Option('--cluster <folder>', "folder of 'lab cluster', which knows all that is not given").env(
        CLUSTER_VARIABLE,
      ),
    )
    .addOption(
      new Option(
        '--namenode <host:port>',
        `of the store (default: the cluster's, else 127.0.0.1:${NAMENODE_PORT})`,
      ).env('MESOS_LAB_NAMENODE'),
    )
    .addOption(
      new Option(
        '--secret_file <file>',
        "secret of the namenode and the file servers (default: the cluster's)",
      ).env('MESOS_LAB_SECRET_FILE'),
    )
    .exitOverride();
}

/** Where the store is that the flags mean, and by which secret. */
async function whichStore({
  cluster,
  namenode,
  secret_file,
}: StoreFlags): Promise<{ url: string; secret: string }> {
  const isGiven = namenode !== undefined && secret_file !== undefined;
  const flags = await findCluster(
    {
      ...(cluster !== undefined && !isGiven && { cluster }),
      ...(namenode !== undefined && { namenode }),
      ...(secret_file !== undefined && { dfs_secret_file: secret_file }),
    },
    false,
  );
  if (flags.dfs_secret_file === undefined)
    throw usageError(
      'the store has a secret: give --secret_file, or --cluster, the folder of a cluster that was started by lab cluster',
    );
  return { url: flags.namenode, secret: readSecret(flags.dfs_secret_file) };
}

/** Runs something on the store, and says what went wrong in one sentence and by the exit code. */
async function onStore(flags: StoreFlags, run: (dfs: Dfs) => Promise<void>): Promise<void> {
  try {
    const where = await whichStore(flags);
    // A wrong address is told soon; a namenode that ends later is waited for.
    const clock = realClock();
    const impatient = openDfs({ ...where, clock, patienceMs: FIRST_PATIENCE_MS });
    await impatient.nodes().finally(() => impatient.close());
    const dfs = openDfs({ ...where, clock });
    await run(dfs).finally(() => dfs.close());
  } catch (error) {
    throw error instanceof DfsError ? storeError(error) : error;
  }
}

/** What the store refuses, as the end of a command. */
export function storeError(error: DfsError): CommandError {
  return new CommandError(error.message.replace(/\.$/, ''), exitCodeOf(error), { cause: error });
}

function exitCodeOf({ kind }: DfsError): number {
  switch (kind) {
    case 'invalid':
    case 'absent':
    case 'exists':
    case 'secret':
      return EXIT.usage;
    case 'unknown':
    case 'no-space':
    case 'not-yet':
    case 'failed':
      return EXIT.infrastructure;
    default:
      return kind satisfies never;
  }
}

const putCommand = withStore(new Command('put'))
  .description('store files; - is standard input')
  .argument('<local...>', 'files, and then the path in the store, or a folder there if it ends with /')
  .option('--concat', 'make one file of several, one after the other')
  .option('--overwrite', 'replace a file that is there')
  .option('--block_size <size>', 'largest block', byteSize('--block_size', 1, 2 ** 30))
  .option('--replication <n>', 'on how many nodes each block is to be', wholeNumber('--replication', 1, 512))
  .option('--writer <hostname>', 'the data node that is to have the first replicas')
  .action((paths: readonly string[], flags) => onStore(flags, (dfs) => put(dfs, paths, flags)));

const getCommand = withStore(new Command('get'))
  .description('copy a file of the store to this machine')
  .argument('<path>', 'in the store')
  .argument('[local]', 'file or folder', '.')
  .option('--concat', 'the files in a folder, one after the other, e.g. all parts of an output')
  .option('--overwrite', 'replace a file that is there')
  .action((path: string, local: string, flags) => onStore(flags, (dfs) => get(dfs, path, local, flags)));

const catCommand = withStore(new Command('cat'))
  .description('write files of the store to standard output')
  .argument('<path...>', 'in the store')
  .option('--concat', 'the files in a folder, one after the other, e.g. all parts of an output')
  .action((paths: readonly string[], flags) => onStore(flags, (dfs) => cat(dfs, paths, flags)));

const lsCommand = withStore(new Command('ls'))
  .description('list a folder')
  .argument('[path]', 'in the store', '/')
  .option('--json', 'for programs')
  .action((path: string, flags) =>
    onStore(flags, async (dfs) => {
      const entries = await dfs.list(path).catch((error: DfsError) => {
        // An empty store is no mistake.
        if (error.kind === 'absent' && path === '/') return [];
        throw error;
      });
      if (flags.json) console.log(JSON.stringify(entries));
      else for (const entry of entries) console.log(entryLine(entry));
    }),
  );

const statCommand = withStore(new Command('stat'))
  .description('tell all about a file: its blocks, and who holds them')
  .argument('<path>', 'in the store')
  .option('--json', 'for programs')
  .action((path: string, flags) =>
    onStore(flags, async (dfs) => {
      const entry = await dfs.stat(path);
      const blocks = entry.type === 'file' ? await dfs.blocks(path) : [];
      if (flags.json) return console.log(JSON.stringify({ ...entry, blocks }));
      console.log(entryLine(entry));
      for (const { id, bytes, hosts } of blocks)
        console.log(`  ${id}  ${formatBytes(bytes).padStart(9)}  ${hosts.join(' ')}`);
    }),
  );

const rmCommand = withStore(new Command('rm'))
  .description('remove files')
  .argument('<path...>', 'in the store')
  .option('-r, --recursive', 'folders, with all that is in them')
  .action((paths: readonly string[], flags) =>
    onStore(flags, async (dfs) => {
      for (const path of paths) await dfs.remove(path, { recursive: flags.recursive ?? false });
    }),
  );

const mvCommand = withStore(new Command('mv'))
  .description('move a file or folder')
  .argument('<from>', 'in the store')
  .argument('<to>', 'in the store; nothing may be there')
  .action((from: string, to: string, flags) => onStore(flags, (dfs) => dfs.rename(from, to)));

const replicateCommand = withStore(new Command('replicate'))
  .description('change on how many nodes each block of a file is to be')
  .argument('<path>', 'in the store')
  .argument('<n>', 'how many', wholeNumber('the number of replicas', 1, 512))
  .action((path: string, n: number, flags) => onStore(flags, (dfs) => dfs.replicate(path, n)));

const statusCommand = withStore(new Command('status'))
  .description('tell how the store is: its nodes, and what has too few replicas')
  .option('--json', 'for programs')
  .action((flags) =>
    onStore(flags, async (dfs) => {
      const status = await dfs.status();
      if (flags.json) return console.log(JSON.stringify(status));
      const { files, bytes, blocks, writing, scarce, missing, copying, isStarting, nodes } = status;
      console.log(`${files} files, ${formatBytes(bytes)}, ${blocks} blocks; ${writing} being written`);
      const starting = isStarting ? '; nodes may still report' : '';
      const few = `${scarce} blocks with too few replicas, ${missing} with none`;
      console.log(`${few}; ${copying} copies under way${starting}`);
      for (const { hostname, state, silentMs, blocks: held, freeBytes, url } of nodes) {
        const free = freeBytes === undefined ? '' : `, ${formatBytes(freeBytes)} free`;
        const since = state === 'lost' ? `lost, silent for ${Math.round(silentMs / 1000)} s` : `live${free}`;
        console.log(`${hostname}  ${url}  ${held} blocks  ${since}`);
      }
    }),
  );

function entryLine(entry: DfsEntry): string {
  if (entry.type === 'folder') return `${' '.repeat(46)}${entry.path}/`;
  const { path, bytes, replicas, replication, modifiedMs } = entry;
  const modified = new Date(modifiedMs).toISOString().replace('T', ' ').slice(0, 19);
  const held = `${replicas}/${replication}`;
  return `${formatBytes(bytes).padStart(10)}  ${held.padStart(7)}  ${modified.padStart(23)}  ${path}`;
}

/** The command. */
export const dfsCommand = new Command('dfs').description('read and write the files of the block store');
for (const command of [
  putCommand,
  getCommand,
  catCommand,
  lsCommand,
  statCommand,
  rmCommand,
  mvCommand,
  replicateCommand,
  statusCommand,
])
  dfsCommand.addCommand(command);
