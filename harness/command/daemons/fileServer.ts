/** `lab fileserver`: serves a slave machine's blocks and map outputs to the other machines, alone or for a namenode. */
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { startFileServer } from '../../../frameworks/files/fileServer.ts';
import type { HttpService } from '../../../frameworks/files/httpService.ts';
import { EXIT, usageError } from '../exit.ts';
import { wholeNumber } from '../flagValues.ts';
import { makePrivateFolder } from '../privateFolder.ts';
import { readSecret } from '../security.ts';
import { logLine } from './daemon.ts';
import { endWith, startError } from './serverProcess.ts';

/** The command. */
export const fileServerCommand = new Command('fileserver')
  .description('serve the blocks and map outputs of a machine')
  .option('--ip <address>', 'address to listen on', '127.0.0.1')
  .option('--port <port>', 'port to listen on; 0 for any free one', wholeNumber('--port', 0, 65_535), 5060)
  .requiredOption('--work_dir <folder>', 'folder for the files')
  .requiredOption('--secret_file <file>', 'secret that callers must know')
  .option('--namenode <host:port>', 'be a data node of the block store of this namenode')
  .option(
    '--hostname <name>',
    "with --namenode: the hostname of this machine's slave (default: the machine's)",
  )
  .option(
    '--advertise <host:port>',
    'with --namenode: by which address others reach it, if not by --ip and --port',
  )
  .action(async (flags) => {
    if (flags.namenode === undefined && (flags.hostname ?? flags.advertise) !== undefined)
      throw usageError('--hostname and --advertise need --namenode: nobody else would know of them');
    const secret = readSecret(flags.secret_file);
    makePrivateFolder('--work_dir', flags.work_dir);
    const server = { host: flags.ip, port: flags.port, dir: resolve(flags.work_dir), secret };
    let end: ((exitCode: number) => void) | undefined;
    const refused = (error: Error): void => {
      logLine(error.message);
      end?.(EXIT.infrastructure);
    };
    const starting =
      flags.namenode === undefined ? startFileServer(server) : startDataNode(flags, server, refused);
    const service = await starting.catch((error: NodeJS.ErrnoException) => {
      if (error.name === 'CommandError') throw error;
      throw startError(`${flags.ip}:${flags.port}`, error);
    });
    end = endWith(() => service.close());
    console.log(`listening on ${flags.ip}:${service.port}`);
  });

async function startDataNode(
  flags: {
    readonly namenode: string;
    readonly hostname?: string;
    readonly advertise?: string;
    readonly ip: string;
  },
  server: { readonly host: string; readonly port: number; readonly dir: string; readonly secret: string },
  refused: (error: Error) => void,
): Promise<HttpService> {
  const { nameNodeUrl } = await import('../../../frameworks/dfs/openDfs.ts');
  const dataNode = await import('../../../frameworks/dfs/dataNode.ts');
  const { realClock } = await import('../realClock.ts');
  const url = (flag: string, text: string): string => {
    try {
      return nameNodeUrl(text);
    } catch {
      throw usageError(`${flag} must be HOST:PORT, not '${text}'`);
    }
  };
  if (['0.0.0.0', '::'].includes(flags.ip) && flags.advertise === undefined)
    throw usageError(`nobody can reach it at ${flags.ip}; say by --advertise HOST:PORT where`);
  const service = await dataNode.startDataNode({
    ...server,
    nameNode: url('--namenode', flags.namenode),
    hostname: flags.hostname ?? hostname(),
    ...(flags.advertise !== undefined && { advertise: url('--advertise', flags.advertise) }),
    clock: realClock(),
    log: logLine,
  });
  service.registered.then(() => console.log(`registered with ${flags.namenode}`), refused);
  return service;
}
