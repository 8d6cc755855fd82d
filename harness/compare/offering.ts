/** What a version of the code has to offer: versions need not have the same benchmarks and experiments. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { PROJECT } from '../run/provenance.ts';

/** What there is. */
export interface Offering {
  /** By name, how they are measured. */
  readonly benchmarks: Readonly<Record<string, 'rounds' | 'whole'>>;
  /** By id, the ids of their scenarios. */
  readonly experiments: Readonly<Record<string, readonly string[]>>;
}

const LIMIT_MS = 120_000;

/**
 * Asks the version in a folder, in a process of its own. Undefined if it cannot say: then it has to be tried. Rejects only if it is told
 * to stop.
 */
export async function offeringOf(folder: string, stopping: AbortSignal): Promise<Offering | undefined> {
  try {
    const { stdout } = await promisify(execFile)(
      join(PROJECT, 'harness', 'node'),
      [join(import.meta.dirname, 'offering.ts'), folder],
      { signal: stopping, timeout: LIMIT_MS, killSignal: 'SIGKILL' },
    );
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Offering;
  } catch {
    stopping.throwIfAborted();
    return undefined;
  }
}

/** A catalogue that is not there lists nothing. */
async function catalogue(folder: string, room: string): Promise<object> {
  const path = join(folder, 'harness', room, 'catalogue.ts');
  return existsSync(path) ? ((await import(pathToFileURL(path).href)) as object) : {};
}

if (import.meta.main) {
  const [, , folder = ''] = process.argv;
  const bench = (await catalogue(folder, 'bench')) as {
    readonly BENCHMARKS?: Readonly<Record<string, { readonly kind?: string }>>;
  };
  const own = (await catalogue(folder, 'experiments')) as {
    readonly EXPERIMENTS?: readonly {
      readonly id: string;
      readonly scenarios: readonly { readonly id: string }[];
    }[];
  };
  const offering: Offering = {
    benchmarks: Object.fromEntries(
      Object.entries(bench.BENCHMARKS ?? {}).map(([name, { kind }]) => [
        name,
        kind === 'rounds' ? kind : 'whole',
      ]),
    ),
    experiments: Object.fromEntries(
      (own.EXPERIMENTS ?? []).map(({ id, scenarios }) => [id, scenarios.map((one) => one.id)]),
    ),
  };
  console.log(JSON.stringify(offering));
  process.exit();
}
