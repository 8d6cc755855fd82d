/** `lab gate`: may this version be released? It is held against a baseline, by thresholds that stand in `harness/gate`. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { targetOf } from '../compare/block.ts';
import { compare } from '../compare/compare.ts';
import { assertIsThere, findSide } from '../compare/side.ts';
import { assertRepository } from '../compare/worktree.ts';
import type { ComparisonData } from '../comparison.ts';
import { gateAnnotations } from '../gate/annotations.ts';
import { defaultBaseline } from '../gate/baseline.ts';
import { type GateResult, gated, thresholdOf } from '../gate/gated.ts';
import { gateText } from '../gate/gateText.ts';
import { gateJunit } from '../gate/junit.ts';
import { gateMarkdown } from '../gate/markdown.ts';
import { RELEASE_SET } from '../gate/releaseSet.ts';
import { progressDisplay } from '../run/progress.ts';
import { PROJECT } from '../run/provenance.ts';
import { shellWord } from '../run/shellWord.ts';
import { writeWhole } from '../run/wholeFile.ts';
import { comparing, EXIT_OF, seconds, writeComparisonPage } from './compare.ts';
import { infrastructureError, usageError } from './exit.ts';
import { listenForInterruption } from './interruption.ts';
import { outFolder } from './outFolder.ts';

/** The command. */
export const gateCommand = new Command('gate')
  .description('hold this version to its numbers: against a baseline, with thresholds as data')
  .option(
    '--baseline <ref>',
    'a commit, branch or tag (default: the latest tag before what is to be released, else the commit before it)',
  )
  .option('--head <ref>', "what is to be released: a commit, branch or tag; '.' for the working tree", '.')
  .option('--budget <time>', 'for the benchmarks, e.g. 90s or 10m', seconds, 600)
  .option('--out <folder>', 'folder for results, page, summary and XML', 'out/gate')
  .option('--fresh', 'measure again what was measured before')
  .option('--json', 'print the result as JSON on standard output')
  .action(async (flags) => {
    const interruption = listenForInterruption();
    const out = outFolder(flags.out);
    const baseline = await baselineOf(flags.baseline, flags.head);
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
          ...['npx', 'lab', 'gate'],
          ...(flags.baseline === undefined ? ['--baseline', baseline] : []),
          ...process.argv.slice(3),
        ]
          .map(shellWord)
          .join(' '),
        ...{ display, stopping: interruption.signal },
      });
    }, interruption.signal).finally(() => display.close());
    const result = gated(data, RELEASE_SET);
    await write(out, data, result);
    if (flags.json) console.log(JSON.stringify({ ...result, comparison: data }));
    else {
      if (process.env.GITHUB_ACTIONS === 'true')
        for (const line of gateAnnotations(result)) console.log(line);
      console.log(
        `${gateText(data, result)}Page ${out}/comparison.html, summary ${out}/gate.md, JUnit ${out}/gate.xml`,
      );
    }
    process.exitCode = EXIT_OF[result.outcome];
  });

async function baselineOf(named: string | undefined, head: string): Promise<string> {
  if (named !== undefined) return named;
  await assertIsThere(head);
  const found = defaultBaseline(head, PROJECT);
  if (found !== undefined) return found;
  await assertRepository();
  throw usageError(
    `there is no version before '${head}' in this repository: fetch its whole history, or name one with --baseline`,
  );
}

/** Writes all that people and servers read. */
async function write(out: string, data: ComparisonData, result: GateResult): Promise<void> {
  try {
    await writeComparisonPage(out, data, null);
    await writeWhole(join(out, 'gate.md'), gateMarkdown(data, result));
    await writeWhole(join(out, 'gate.xml'), gateJunit(data, result));
    const summary = process.env.GITHUB_STEP_SUMMARY;
    if (summary !== undefined) appendFileSync(summary, gateMarkdown(data, result));
  } catch (error) {
    throw infrastructureError(`the result cannot be written: ${(error as Error).message}`, error);
  }
}
