/** `lab node`: a machine's daemon, for controllers that reach the machine by a shell. */
import { closeSync, openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { type DaemonSettings, runDaemon, settingsSchema } from '../../../infra/nodeDaemon/daemon.ts';
import { decode } from '../../../infra/nodeDaemon/protocol.ts';
import { EXIT, infrastructureError, usageError } from '../exit.ts';
import { logLine } from './daemon.ts';

/** The command. */
export const nodeCommand = new Command('node')
  .description("be a machine's daemon; its settings and keys come as JSON on standard input")
  .action(async () => {
    const settings = read(await text(process.stdin));
    const daemon = await runDaemon(settings, logLine).catch((error: Error) => {
      throw infrastructureError(error.message, error);
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => daemon.end(`on ${signal}`));
    // The shell that started it may go.
    process.on('SIGHUP', () => {});
    console.log(JSON.stringify(daemon.record));
    releaseOutput();
    await daemon.ended;
    process.exit(EXIT.ok);
  });

function read(json: string): DaemonSettings {
  try {
    return decode(settingsSchema, Buffer.from(json));
  } catch (error) {
    throw usageError(`the settings on standard input are wrong: ${(error as Error).message}`);
  }
}

/** Whoever waits for the end of what it writes waits no longer. */
function releaseOutput(): void {
  closeSync(1);
  // Takes the number that is free now.
  openSync('/dev/null', 'w');
}
