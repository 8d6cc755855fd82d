/** Allocation modules by name, or from a file: which one a master uses is chosen when it is started. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AllocationFactory } from './allocation.ts';
import { fair } from './fair.ts';
import { lottery } from './lottery.ts';
import { AllocationOptionsSchema, checkedOptions } from './options.ts';
import { PriorityOptionsSchema, priority } from './priority.ts';

/** What the default export of a module's file is: from options, as JSON has them, to a factory. It throws if they will not do. */
export type AllocationExport = (options: unknown) => AllocationFactory;

/** The modules that can be named. */
export const ALLOCATION_MODULES: Readonly<Record<string, AllocationExport>> = {
  fair: (options) => fair(checkedOptions(AllocationOptionsSchema, 'fair', options)),
  priority: (options) => priority(checkedOptions(PriorityOptionsSchema, 'priority', options)),
  lottery: (options) => lottery(checkedOptions(AllocationOptionsSchema, 'lottery', options)),
};

/**
 * Finds a module: `fair`, `priority`, `lottery`, or the path of a file, `./own.ts` or `/some/own.ts`. `options` are what JSON
 * has; undefined for none. Throws with one sentence if there is no such module, or the options will not do.
 */
export async function loadAllocation(nameOrPath: string, options?: unknown): Promise<AllocationFactory> {
  const named = Object.hasOwn(ALLOCATION_MODULES, nameOrPath) ? ALLOCATION_MODULES[nameOrPath] : undefined;
  return (named ?? (await fromFile(nameOrPath)))(options);
}

async function fromFile(path: string): Promise<AllocationExport> {
  if (!/^\.{0,2}\//.test(path))
    throw new Error(
      `there is no allocation module '${path}'; there is ${Object.keys(ALLOCATION_MODULES).join(', ')}, or give the path of a file, e.g. ./${path.replace(/\.ts$/, '')}.ts`,
    );
  const { href } = pathToFileURL(resolve(path));
  const { default: make } = await import(href).catch((error: Error & { readonly url?: string }) => {
    throw error.url === href
      ? new Error(`there is no allocation module ${path}; the file does not exist`)
      : new Error(`the allocation module ${path} cannot be loaded: ${error.message}`);
  });
  if (typeof make !== 'function')
    throw new Error(`the allocation module ${path} has no default export that is a function of its options`);
  return make;
}
