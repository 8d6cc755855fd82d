/** `lab namenode`: the files of the block store, and which file servers hold their blocks. */
import { Command } from 'commander';
import { startNameNode } from '../../../frameworks/dfs/nameNodeServer.ts';
import { byteSize } from '../byteSize.ts';
import { EXIT } from '../exit.ts';
import { duration, wholeNumber } from '../flagValues.ts';
import { makePrivateFolder } from '../privateFolder.ts';
import { realClock } from '../realClock.ts';
import { readSecret } from '../security.ts';
import { logLine } from './daemon.ts';
import { NAMENODE_PORT } from './nameNodePort.ts';
import { endWith, startError } from './serverProcess.ts';

/** The command. */
export const nameNodeCommand = new Command('namenode')
  .description('keep the files of the block store, whose blocks lab fileserver --namenode holds')
  .option('--ip <address>', 'address to listen on', '127.0.0.1')
  .option(
    '--port <port>',
    'port to listen on; 0 for any free one',
    wholeNumber('--port', 0, 65_535),
    NAMENODE_PORT,
  )
  .requiredOption('--work_dir <folder>', 'folder for the list of files; keep it')
  .requiredOption('--secret_file <file>', 'secret that clients and file servers must know')
  .option(
    '--block_size <size>',
    'largest block of files whose writers do not say (default: 64MiB)',
    byteSize('--block_size', 1, 2 ** 30),
  )
  .option(
    '--replication <n>',
    'replicas of files whose writers do not say (default: 3)',
    wholeNumber('--replication', 1, 512),
  )
  .option(
    '--heartbeat <duration>',
    'how often file servers are to be heard of (default: 1secs)',
    duration('--heartbeat'),
  )
  .option(
    '--node_timeout <duration>',
    'a file server that is silent for so long is lost, and its blocks are copied (default: 30secs)',
    duration('--node_timeout'),
  )
  .option(
    '--writer_timeout <duration>',
    'a file whose writer is silent for so long is forgotten (default: 60secs)',
    duration('--writer_timeout'),
  )
  .option('--copies <n>', 'copies under way at a time (default: 16)', wholeNumber('--copies', 1, 10_000))
  .option(
    '--copies_per_node <n>',
    'of these, on each file server (default: 2)',
    wholeNumber('--copies_per_node', 1, 1_000),
  )
  .option('--quiet', 'log nothing but trouble')
  .action(async (flags) => {
    makePrivateFolder('--work_dir', flags.work_dir);
    let end: ((exitCode: number) => void) | undefined;
    const given = {
      blockBytes: flags.block_size,
      replication: flags.replication,
      heartbeatMs: flags.heartbeat,
      nodeTimeoutMs: flags.node_timeout,
      writerTimeoutMs: flags.writer_timeout,
      copiesMax: flags.copies,
      copiesPerNodeMax: flags.copies_per_node,
    };
    const settings = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const service = await startNameNode({
      host: flags.ip,
      port: flags.port,
      dir: flags.work_dir,
      secret: readSecret(flags.secret_file),
      clock: realClock(),
      ...settings,
      log: (line) => {
        if (!flags.quiet) logLine(line);
      },
      onError: (error) => {
        logLine(error.message);
        if (end === undefined) process.exit(EXIT.infrastructure);
        end(EXIT.infrastructure);
      },
    }).catch((error: NodeJS.ErrnoException) => {
      throw startError(`${flags.ip}:${flags.port}`, error);
    });
    end = endWith(() => service.close());
    console.log(`listening on ${flags.ip}:${service.port}`);
  });
