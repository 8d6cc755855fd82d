/** `lab trend`: the page of all that was remembered. */
import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { machineNames } from '../../reports/results/machineName.ts';
import { renderTrends } from '../../reports/trends.ts';
import { type Records, readRecords } from '../records/recordFile.ts';
import { type Trend, trendsOf } from '../records/trend.ts';
import { writeWhole } from '../run/wholeFile.ts';
import { infrastructureError, usageError } from './exit.ts';
import { RECORDS } from './record.ts';

/** The command. */
export const trendCommand = new Command('trend')
  .description('draw how every figure went from commit to commit, and where its level changed')
  .option('--records <file>', `what 'lab record' remembers (default: ${RECORDS})`)
  .option('--out <file>', 'the page (default: trend.html beside the records)')
  .option(
    '--commit-url <url>',
    'where commits can be read, e.g. https://example.org/mesos-lab/commit/{commit}',
  )
  .option('--json', 'print the trends as JSON instead')
  .action(async (flags) => {
    if (flags.out === '') throw usageError('--out is empty: name a file for the page');
    const path = resolve(flags.records ?? RECORDS);
    const { records, damaged } = read(path);
    for (const line of damaged) console.error(`lab: passed over ${line}`);
    if (records.length === 0)
      throw usageError(
        `there are no records in ${path}: measure something, and remember it with 'lab record'`,
      );
    const trends = trendsOf(records);
    if (flags.json) {
      console.log(JSON.stringify({ trends }));
      return;
    }
    const out = resolve(flags.out ?? `${dirname(path)}/trend.html`);
    try {
      await writeWhole(out, await renderTrends({ trends, damaged, commitUrl: checkedUrl(flags.commitUrl) }));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      throw infrastructureError(`the page cannot be written: ${(error as Error).message}`, error);
    }
    const nameOf = machineNames(trends);
    const machines = new Set(trends.map(({ machineClass }) => machineClass)).size;
    for (const trend of trends)
      for (const line of changesInWords(trend, machines > 1 ? ` on ${nameOf(trend)}` : '')) console.log(line);
    console.log(`Trends of ${trends.length === 1 ? 'one figure' : `${trends.length} figures`}: ${out}`);
  });

function read(path: string): Records {
  try {
    return readRecords(path);
  } catch (error) {
    throw usageError(`the records ${path} cannot be read: ${(error as Error).message}`);
  }
}

function checkedUrl(url: string | undefined): string | null {
  if (url === undefined) return null;
  if (!/^https?:\/\/\S+$/.test(url) || !url.includes('{commit}'))
    throw usageError(`--commit-url is '${url}'; give an http or https address with {commit} in it`);
  return url;
}

function changesInWords({ metric, unit, points, changes }: Trend, on: string): readonly string[] {
  const show = (value: number): string => `${Number(value.toPrecision(3))} ${unit}`;
  return changes.map(
    ({ index, before, after, verdict }) =>
      `${metric}${on}: ${verdict} at ${points[index]?.commit.slice(0, 12)}, from ${show(before)} to ${show(after)}`,
  );
}
