/** What is measured against: a process that does the same alone. */
import { join } from 'node:path';
import type { Machine } from '../../infra/machine.ts';
import { wallClock } from '../../infra/wallClock.ts';
import { exitInWords } from '../run/deployment.ts';

/** Resolves to the seconds that a program beside this file takes. Throws an Error with its last words if it fails. */
export async function peerSeconds(
  machine: Machine,
  name: string,
  file: string,
  given: readonly string[],
): Promise<number> {
  const clock = wallClock();
  const process = await machine.start({
    name,
    program: join(import.meta.dirname, '..', 'node'),
    arguments: [join(import.meta.dirname, file), ...given],
  });
  const exit = await process.exited;
  if (exit.code !== 0) throw new Error(exitInWords(process, exit));
  return clock.stop().wallSeconds;
}
