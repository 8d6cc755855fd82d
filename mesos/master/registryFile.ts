/**
 * A registry in a file, as JSON. It is the old one or the new one at any time, and on the disk before an operator is answered.
 * Only the master that leads writes it.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { type Directives, directivesFromJson, directivesToJson, NO_DIRECTIVES } from './directives.ts';
import type { Registry } from './registry.ts';

/** Of the format. */
const VERSION = 1;
const HeaderSchema = v.object({ registry: v.literal(VERSION) });

/** A registry at this path; it need not be there yet, nor its folder. Throws, in one sentence, if it is there and cannot be read. */
export function fileRegistry(path: string): Registry {
  const registry: Registry = {
    load: () => read(path),
    store(directives) {
      try {
        write(path, directives);
      } catch (error) {
        throw new Error(
          `the registry ${path} cannot be written: ${(error as Error).message}; free some space or mend the folder`,
          { cause: error },
        );
      }
    },
  };
  registry.load();
  return registry;
}

function read(path: string): Directives {
  const unreadable = (why: string): Error =>
    new Error(
      `the registry ${path} cannot be read: ${why}; restore it from a copy, or remove it to forget what operators have ordered`,
    );
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NO_DIRECTIVES;
    throw unreadable((error as Error).message);
  }
  try {
    const kept: unknown = JSON.parse(text);
    if (!v.is(HeaderSchema, kept)) throw new Error(`it is no registry of version ${VERSION}`);
    return directivesFromJson(kept);
  } catch (error) {
    throw unreadable((error as Error).message);
  }
}

function write(path: string, directives: Directives): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  const file = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeFileSync(
      file,
      `${JSON.stringify({ registry: VERSION, ...directivesToJson(directives) }, undefined, 1)}\n`,
    );
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
  // So that the new name, too, outlives the machine.
  const entry = openSync(folder, 'r');
  try {
    fsyncSync(entry);
  } finally {
    closeSync(entry);
  }
}
