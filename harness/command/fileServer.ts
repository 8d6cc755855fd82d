/** `lab fileserver`: serves a slave machine's blocks and map outputs to the other machines. */
import { Command } from 'commander';
import { startFileServer } from '../../frameworks/dfs/fileServer.ts';
import { wholeNumber } from './daemon.ts';
import { EXIT, infrastructureError } from './exit.ts';
import { readSecret } from './security.ts';

/** The command. */
export const fileServerCommand = new Command('fileserver')
  .description('serve the blocks and map outputs of a machine (Hadoop)')
  .option('--ip <address>', 'address to listen on', '127.0.0.1')
  .option('--port <port>', 'port to listen on; 0 for any free one', wholeNumber('--port', 0, 65_535), 5060)
  .requiredOption('--work_dir <folder>', 'folder for the files')
  .requiredOption('--secret_file <file>', 'secret that callers must know')
  .action(async (flags) => {
    const secret = readSecret(flags.secret_file);
    const server = await startFileServer({
      host: flags.ip,
      port: flags.port,
      dir: flags.work_dir,
      secret,
    }).catch((error: NodeJS.ErrnoException) => {
      const place = `${flags.ip}:${flags.port}`;
      throw infrastructureError(
        error.code === 'EADDRINUSE'
          ? `${place} is in use; choose another --port, or 0 for any free one`
          : error.message,
        error,
      );
    });
    const end = (exitCode: number): void => {
      process.exitCode = exitCode;
      void server.close().then(() => process.exit());
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end(EXIT.ok));
    if (process.env.MESOS_LAB_PARENT === 'stdin')
      process.stdin.once('close', () => end(EXIT.infrastructure)).resume();
    console.log(`listening on ${flags.ip}:${server.port}`);
  });
