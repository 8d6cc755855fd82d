/** Where the numbers come from: enough to make them again. */
import type { MachinesUsed, Provenance, ReportData } from '../../harness/result.ts';
import { exactCommands, wholeCommands } from '../results/commands.ts';
import { CLOCKS, clockName, count, enumerate, grouped } from '../words.ts';
import { commands } from './blocks.ts';
import { type Html, html } from './html.ts';

/** A name and its values. */
type Fact = readonly [name: string, values: readonly string[]];

/** The provenance strip. Where runs differ, it lists every value. */
export function provenanceStrip(data: ReportData): Html {
  const all = data.experiments.flatMap(({ cells }) => cells.map((cell) => cell.provenance));
  const first = all[0];
  if (first === undefined)
    return html`<section class="strip" id="provenance"><h2>Provenance</h2><p>No run, no provenance.</p></section>\n`;
  const facts: readonly Fact[] = [
    ['Commit', commitsOf(all)],
    ['Seeds', seedsByClock(all)],
    ['Clock', distinct(all, ({ clock }) => clockName(clock))],
    [
      'Machine',
      distinct(
        all,
        ({ cpuModel, cores, memoryBytes }) =>
          `${cpuModel}, ${count(cores, 'core')}, ${gibibytes(memoryBytes)}`,
      ),
    ],
    [
      'Processes on',
      distinct(
        all.flatMap(({ machines }) => machines ?? []),
        machinesInWords,
      ),
    ],
    ['Kernel', distinct(all, ({ kernel }) => kernel)],
    ['Node.js', distinct(all, ({ nodeVersion }) => nodeVersion)],
    ['Lock file', distinct(all, ({ lockfileSha256 }) => `sha256 ${lockfileSha256.slice(0, 12)}`)],
    ['Started', [all.map(({ startedAt }) => startedAt).sort()[0] ?? '']],
  ];
  return html`<section class="strip" id="provenance" aria-labelledby="provenance-title">
<h2 id="provenance-title">Provenance</h2>
<dl>
${facts.filter(([, values]) => values.length > 0).map(fact)}</dl>
${commands(all.length === 1 ? 'The run again:' : 'All of it again (single runs stand under “Runs”):', again(data, first))}</section>
`;
}

/** The commands that make the whole report again. */
function again({ experiments }: ReportData, first: Provenance): readonly string[] {
  const ran = experiments.filter(({ cells }) => cells.length > 0);
  const [only] = ran;
  if (ran.length !== 1 || only === undefined) return wholeCommands(experiments);
  return only.cells.length === 1 ? [first.command] : exactCommands(only);
}

/** The machines of a run in words, e.g. `9 netns machines that share 2 processors`. */
function machinesInWords({
  kind,
  hardware,
  count: number,
  cpusEach,
  clockErrorMs,
  instead,
}: MachinesUsed): string {
  const [least, most] = [Math.min(...cpusEach), Math.max(...cpusEach)];
  const range = least === most ? grouped(least) : `${grouped(least)} to ${grouped(most)}`;
  const processors = `${range} ${most === 1 ? 'processor' : 'processors'}`;
  const hardwareInWords = hardware === 'shared' ? `that share ${processors}` : `with ${processors} each`;
  const clocks = clockErrorMs === 0 ? '' : `, clocks within ${clockErrorMs.toFixed(2)} ms`;
  const reason = instead === undefined ? '' : `, instead of what was wanted: ${instead}`;
  return `${count(number, `${kind} machine`)} ${hardwareInWords}${clocks}${reason}`;
}

/** Commits in order of first appearance; a star marks those that do not say all. */
function commitsOf(all: readonly Provenance[]): readonly string[] {
  const commits = distinct(all, ({ commit, dirty }) => `${commit.slice(0, 12)}${dirty ? '*' : ''}`);
  return commits.some((commit) => commit.endsWith('*'))
    ? [commits.join(', '), '* with changes that no commit holds']
    : [commits.join(', ')];
}

function fact([name, values]: Fact): Html {
  return html`<div><dt>${name}</dt><dd>${values.join('; ')}</dd></div>\n`;
}

/** Distinct texts in order of first appearance. */
function distinct<T>(items: readonly T[], show: (item: T) => string): readonly string[] {
  return [...new Set(items.map(show))];
}

function seedsByClock(all: readonly Provenance[]): readonly string[] {
  return CLOCKS.flatMap((clock) => {
    const seeds = new Set(all.filter((one) => one.clock === clock).map((one) => one.seed));
    return seeds.size === 0 ? [] : [`${clockName(clock)}: ${seedList([...seeds])}`];
  });
}

/** Seeds in words: a run of whole numbers as its ends. */
export function seedList(seeds: readonly number[]): string {
  const sorted = seeds.toSorted((a, b) => a - b);
  const [low, high] = [sorted[0] ?? 0, sorted[sorted.length - 1] ?? 0];
  const all = sorted.length > 2 && high - low === sorted.length - 1;
  return all ? `${low} to ${high}` : enumerate(sorted.map(String));
}

/** Memory in GiB. */
export function gibibytes(bytes: number): string {
  const size = bytes / 2 ** 30;
  return `${grouped(size, size >= 100 ? 0 : 1)}\u00a0GiB`;
}
