/** Files of JSON that a command is given. */
import { readFileSync } from 'node:fs';
import { usageError } from './exit.ts';

/** What the file holds. Throws a usage error that says why it cannot be read. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw usageError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
