/** `lab doctor`: what this machine can do, and the one command that adds what is missing. */
import { Command } from 'commander';
import { type Finding, inspect, installCommand } from '../../infra/inspection.ts';
import { findCgroups } from '../../mesos/isolation/cgroupRoot.ts';
import { findCorpus } from '../../workloads/corpus.ts';
import { leftovers } from '../leftovers/leftovers.ts';
import { EXIT, usageError } from './exit.ts';

/** The command. */
export const doctorCommand = new Command('doctor')
  .description('tell what this machine can do, and how to add what is missing')
  .option('--leftovers', 'tell instead what is left of runs and deployments whose process is gone')
  .option('--remove', 'with --leftovers: remove it')
  .option('--json', 'as JSON')
  .action(async (flags) => {
    if (flags.remove && !flags.leftovers)
      throw usageError('--remove is for what --leftovers finds: give both');
    if (flags.leftovers) return tellLeftovers(flags);
    const findings = [...inspect(), cgroups(), await corpus()];
    const install = installCommand(findings);
    if (flags.json) console.log(JSON.stringify({ findings, install: install ?? null }));
    else {
      for (const { id, state, seen, neededFor, remedy } of findings)
        console.log(
          `${state.padEnd(8)}${id.padEnd(12)}${seen}${state === 'ok' ? '' : `; needed for ${neededFor}`}${remedy ? `: ${remedy}` : ''}`,
        );
      console.log(
        install === undefined
          ? 'Nothing is missing that a package could add.'
          : `To add what is missing: ${install}`,
      );
    }
    const needed = findings.filter(({ state, isOptional }) => state === 'missing' && !isOptional);
    process.exitCode = needed.length === 0 ? EXIT.ok : EXIT.infrastructure;
  });

async function tellLeftovers({
  remove,
  json,
}: {
  readonly remove?: boolean;
  readonly json?: boolean;
}): Promise<void> {
  const left = await leftovers();
  const told: {
    readonly kind: string;
    readonly what: string;
    readonly why: string;
    readonly state: string;
  }[] = [];
  for (const one of left) {
    const { kind, what, why } = one;
    const state = remove
      ? await one.remove().then(
          () => 'removed',
          (error: Error) => `not removed: ${error.message}`,
        )
      : 'left';
    told.push({ kind, what, why, state });
    if (!json) console.log(`${state === 'left' ? '' : `${state}: `}${kind} ${what}: ${why}`);
  }
  if (json) console.log(JSON.stringify({ leftovers: told }));
  else if (told.length === 0) console.log('Nothing is left.');
  else if (!remove) console.log("'lab doctor --leftovers --remove' removes it.");
  process.exitCode = told.every(({ state }) => state === 'removed') ? EXIT.ok : EXIT.infrastructure;
}

/** The slave's own judgement: it tries. */
function cgroups(): Finding {
  const found = findCgroups('mesos');
  const neededFor = 'slaves with --isolation cgroups, which limit what executors use';
  if (found.is === 'unusable')
    return { id: 'cgroups', state: 'poor', seen: 'not usable', neededFor, remedy: found.why };
  found.release();
  return { id: 'cgroups', state: 'ok', seen: found.what, neededFor };
}

async function corpus(): Promise<Finding> {
  const neededFor = 'real runs of Hadoop';
  try {
    const { folder, totalBytes } = await findCorpus();
    return { id: 'corpus', state: 'ok', seen: `${(totalBytes / 1e6).toFixed(1)} MB in ${folder}`, neededFor };
  } catch (error) {
    return {
      id: 'corpus',
      state: 'missing',
      seen: (error as Error).message,
      neededFor,
      remedy: "run 'npm ci'",
    };
  }
}
