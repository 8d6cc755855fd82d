/** `lab gate`: may this version be released? It is held against a baseline, by thresholds that stand in `harness/gate`. */
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { targetOf } from '../compare/block.ts';
import { compare } from '../compare/compare.ts';
import { findSide } from '../compare/side.ts';
import { comparisonText } from '../compare/words.ts';
import type { ComparisonData } from '../comparison.ts';
import { gateAnnotations } from '../gate/annotations.ts';
import { type GateResult, gated, thresholdOf } from '../gate/gated.ts';
import { gateJunit } from '../gate/junit.ts';
import { gateMarkdown } from '../gate/markdown.ts';
import { RELEASE_SET } from '../gate/releaseSet.ts';
import { progressDisplay } from '../run/progress.ts';
import { PROJECT } from '../run/provenance.ts';
import { writeWhole } from '../run/store.ts';
import { comparing, EXIT_OF, seconds, writeComparisonPage } from './compare.ts';
import { infrastructureError, usageError } from './exit.ts';
import { listenForInterruption } from './interruption.ts';

/** The command. */
export const gateCommand = new Command('gate')
  .description('hold this version to its numbers: against a baseline, with thresholds as data')
  .option(
    '--baseline <ref>',
    'a commit, branch or tag (default: the latest tag before HEAD, else the commit before it)',
  )
  .option('--head <ref>', "what is to be released: a commit, branch or tag; '.' for the working tree", '.')
  .option('--budget <time>', 'for the benchmarks, e.g. 90s or 10m', seconds, 600)
  .option('--out <folder>', 'folder for results, page, summary and XML', 'out/gate')
  .option('--fresh', 'measure again what was measured before')
  .option('--json', 'print the result as JSON on standard output')
  .action(async (flags) => {
    const interruption = listenForInterruption();
    const out = resolve(flags.out);
    const baseline: string = flags.baseline ?? defaultBaseline();
    const display = progressDisplay();
    const data = await comparing(async () => {
      const targets = RELEASE_SET.benchmarks.map(({ id }) => {
        const target = targetOf(id);
        if (target === undefined)
          throw new Error(`the release set names a benchmark that is not there: ${id}`);
        return target;
      });
      return compare({
        base: await findSide(baseline, 'base'),
        head: await findSide(flags.head, 'head'),
        targets,
        runs: RELEASE_SET.runs,
        threshold: (id) => thresholdOf(id, RELEASE_SET),
        ...{ budgetSeconds: flags.budget, out, fresh: flags.fresh ?? false },
        command: [
          'npx lab gate',
          ...(flags.baseline === undefined ? ['--baseline', baseline] : []),
          ...process.argv.slice(3),
        ].join(' '),
        ...{ display, stopping: interruption.signal },
      });
    }, interruption.signal).finally(() => display.close());
    const result = gated(data, RELEASE_SET);
    write(out, data, result);
    if (flags.json) console.log(JSON.stringify({ ...result, comparison: data }));
    else {
      if (process.env.GITHUB_ACTIONS === 'true')
        for (const line of gateAnnotations(result)) console.log(line);
      console.log(`${comparisonText(data)}${inWords(result, out)}`);
    }
    process.exitCode = EXIT_OF[result.outcome];
  });

/** The latest release, if there is one. */
function defaultBaseline(): string {
  const git = (...args: readonly string[]): string | undefined => {
    try {
      return execFileSync('git', ['-C', PROJECT, ...args], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    } catch {
      return undefined;
    }
  };
  const found = git('describe', '--tags', '--abbrev=0', 'HEAD^') ?? git('rev-parse', 'HEAD^');
  if (found === undefined)
    throw usageError('there is no version before this one in this repository: name one with --baseline');
  return found;
}

/** Writes all that people and servers read. */
function write(out: string, data: ComparisonData, result: GateResult): void {
  try {
    writeComparisonPage(out, data, null);
    writeWhole(join(out, 'gate.md'), gateMarkdown(data, result));
    writeWhole(join(out, 'gate.xml'), gateJunit(data, result));
    const summary = process.env.GITHUB_STEP_SUMMARY;
    if (summary !== undefined) appendFileSync(summary, gateMarkdown(data, result));
  } catch (error) {
    throw infrastructureError(`the result cannot be written: ${(error as Error).message}`, error);
  }
}

function inWords({ outcome, items, unjudged }: GateResult, out: string): string {
  const lost = items.filter(({ kind, outcome }) => kind === 'claim' && outcome === 'regressed');
  return [
    ...lost.map(({ what }) => `No longer reproduced: ${what}`),
    ...unjudged.map(({ why }) => `Could not be judged: ${why}`),
    `Gate: ${outcome}. Page ${out}/comparison.html, summary ${out}/gate.md, JUnit ${out}/gate.xml`,
  ].join('\n');
}
