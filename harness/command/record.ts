/** `lab record`: remembers what was measured, by commit and machine, in a file that only grows. */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import * as v from 'valibot';
import { assertRepository } from '../compare/worktree.ts';
import type { ComparisonData } from '../comparison.ts';
import { appendRecords } from '../records/recordFile.ts';
import {
  type BenchFigure,
  figuresOfBench,
  figuresOfComparison,
  figuresOfReport,
  type RecordFrame,
  recordsOf,
} from '../records/recordsOf.ts';
import type { ReportData } from '../result.ts';
import { PROJECT, setting } from '../run/provenance.ts';
import { infrastructureError, usageError } from './exit.ts';
import { readJson } from './jsonFile.ts';
import { checkedReport } from './storedReport.ts';

/** Where records are kept if nobody says otherwise. */
export const RECORDS = 'out/records.ndjson';

/** The command. */
export const recordCommand = new Command('record')
  .description('remember what was measured, by commit and machine, for lab trend')
  .argument(
    '<results...>',
    "what to remember: folders of 'lab run', folders or files of 'lab compare' and 'lab gate', files of 'npm run bench -- --json'",
  )
  .option('--records <file>', `the file that grows (default: ${RECORDS})`)
  .action(async (results: readonly string[], flags) => {
    const path = resolve(flags.records ?? RECORDS);
    const all = results.flatMap((result) => readResults(resolve(result)));
    await assertRepository();
    const records = all.flatMap(toRecords);
    if (records.length === 0) throw usageError('there is no figure in these results: nothing was remembered');
    try {
      appendRecords(path, records);
    } catch (error) {
      throw infrastructureError(`the records cannot be written: ${(error as Error).message}`, error);
    }
    const what = records.length === 1 ? 'one figure' : `${records.length} figures`;
    console.log(`${what} of commit ${records[0]?.commit.slice(0, 12)} remembered in ${path}`);
  });

/** A file of results, by what it is. */
type Results =
  | { readonly kind: 'report'; readonly data: ReportData }
  | { readonly kind: 'comparison'; readonly data: ComparisonData }
  | { readonly kind: 'bench'; readonly figures: readonly BenchFigure[] };

const BenchSchema = v.array(
  v.object({
    id: v.string(),
    value: v.number(),
    unit: v.string(),
    n: v.number(),
    /** Older lists have none. */
    interval: v.exactOptional(v.nullable(v.tuple([v.number(), v.number()]))),
    better: v.exactOptional(v.picklist(['lower', 'higher'])),
  }),
);

function readResults(path: string): readonly Results[] {
  const files = filesOf(path);
  if (files.length === 0)
    throw usageError(`${path} holds neither a report.json nor a comparison.json: give what a run has left`);
  return files.map((file) => resultsOf(file, readJson(file)));
}

function filesOf(path: string): readonly string[] {
  const isThere = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
  if (statSync(path, { throwIfNoEntry: false }) === undefined) throw usageError(`there is no ${path}`);
  if (isThere(path)) return [path];
  return ['report.json', 'comparison.json'].map((name) => join(path, name)).filter(isThere);
}

function resultsOf(file: string, data: unknown): Results {
  const parts = data as { readonly experiments?: unknown; readonly figures?: unknown } | null;
  if (parts?.experiments !== undefined) return { kind: 'report', data: checkedReport(file, data) };
  if (parts?.figures !== undefined) return { kind: 'comparison', data: checkedComparison(file, data) };
  const figures = v.safeParse(BenchSchema, data);
  if (figures.success) return { kind: 'bench', figures: figures.output };
  throw usageError(`${file} is no report, no comparison and no list of benchmarks`);
}

/** What is remembered of a comparison; the rest is as it is. */
const ComparisonSchema = v.looseObject({
  schemaVersion: v.literal(1),
  startedAt: v.string(),
  head: v.looseObject({ commit: v.string(), dirty: v.boolean(), nodeVersion: v.string() }),
  machine: v.looseObject({ cpuModel: v.string() }),
  figures: v.array(v.looseObject({ kind: v.string(), id: v.string() })),
});

function checkedComparison(file: string, data: unknown): ComparisonData {
  const { success, issues } = v.safeParse(ComparisonSchema, data);
  if (success) return data as ComparisonData;
  const [issue] = issues;
  throw usageError(
    `${file} is no comparison of this version of lab, or damaged (${v.getDotPath(issue)}: ${issue.message}): compare again`,
  );
}

function toRecords(results: Results) {
  switch (results.kind) {
    case 'report': {
      const [first] = results.data.experiments.flatMap(({ cells }) => cells);
      if (first === undefined) return [];
      const { commit, dirty, cpuModel, cores, memoryBytes, kernel, nodeVersion, startedAt } =
        first.provenance;
      const machine = { cpuModel, cores, memoryBytes, kernel, nodeVersion };
      return recordsOf(frameOf(commit, dirty, machine, startedAt), figuresOfReport(results.data));
    }
    case 'comparison': {
      const { head, machine, startedAt } = results.data;
      const frame = frameOf(
        head.commit,
        head.dirty,
        { ...machine, nodeVersion: head.nodeVersion },
        startedAt,
      );
      return recordsOf(frame, figuresOfComparison(results.data));
    }
    case 'bench': {
      // A list of benchmarks says nothing of where it comes from: it was made here and now.
      const { commit, dirty, cpuModel, cores, memoryBytes, kernel, nodeVersion } = setting();
      const machine = { cpuModel, cores, memoryBytes, kernel, nodeVersion };
      return recordsOf(
        frameOf(commit, dirty, machine, new Date().toISOString()),
        figuresOfBench(results.figures),
      );
    }
    default:
      return results satisfies never;
  }
}

function frameOf(
  commit: string,
  dirty: boolean,
  machine: RecordFrame['machine'],
  measuredAt: string,
): RecordFrame {
  if (dirty)
    throw usageError(
      'these results come from a working tree with changes that no commit holds: commit, measure again (with --fresh, or what was run is not run again), then record',
    );
  const [committedAt = '', subject = ''] = git(commit).split('\n');
  return {
    ...{ commit, measuredAt, machine, subject: subject.slice(0, 400) },
    // As all others, so that they can be put in order.
    committedAt: new Date(committedAt).toISOString(),
  };
}

function git(commit: string): string {
  try {
    return execFileSync('git', ['-C', PROJECT, 'show', '-s', '--format=%cI%n%s', `${commit}^{commit}`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    throw usageError(`commit ${commit} of these results is not in this repository: record them where it is`);
  }
}
