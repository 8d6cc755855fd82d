/** The runs of one clock, a row each: how they ended, what they left, how to make them again. */
import type { CellResult, CompletedCell } from '../../harness/result.ts';
import type { ClockRuns } from '../results/clockRuns.ts';
import { count, duration, grouped, percent, seconds } from '../words.ts';
import { copyButton, type Heading, table } from './blocks.ts';
import { type Html, html, type Insert } from './html.ts';

const HEADINGS: readonly Heading[] = [
  { title: 'Run' },
  { title: 'Last job ended after', number: true },
  { title: 'Wall clock', number: true },
  { title: 'Harness' },
  { title: 'History' },
  { title: 'Command' },
];

/** One row per run, failed ones included. */
export function runsTable(runs: ClockRuns): Html {
  return table(
    `Runs: ${grouped(runs.completed.length)} of ${grouped(runs.cells.length)} completed`,
    HEADINGS,
    runs.cells.map(row),
  );
}

/** A link to a history beside the report; plain text if the path leads elsewhere. */
export function historyLink(cell: CompletedCell): Html {
  const { historyFile, historyLines, historySha256 } = cell.harness;
  const relative = !/^[a-z][a-z0-9+.-]*:|^[/\\]/i.test(historyFile);
  const name = relative
    ? html`<a href="${historyFile.split('/').map(encodeURIComponent).join('/')}">${historyFile}</a>`
    : html`${historyFile}`;
  return html`${name}<br><span class="fine">${count(historyLines, 'line')}, sha256 ${historySha256.slice(0, 12)}</span>`;
}

function row(cell: CellResult): readonly Insert[] {
  const { system, seed, command, wallSeconds } = cell.provenance;
  const name = `${system === 'mesos' ? 'Mesos' : 'Static'},\u00a0seed\u00a0${seed}`;
  const again = html`${copyButton(command, 'Copy', `Copy the command of ${name}`)}<code class="print-only">${command}</code>`;
  switch (cell.state) {
    case 'completed':
      return [name, seconds(cell.makespanS), duration(wallSeconds), harness(cell), historyLink(cell), again];
    case 'failed':
      return [name, 'failed', duration(wallSeconds), cell.reason, 'none', again];
    default:
      return cell satisfies never;
  }
}

function harness({ harness: { cpuBusy, eventsPerSecond, limited } }: CompletedCell): string {
  const parts = [
    ...(eventsPerSecond === null ? [] : [`${grouped(Math.round(eventsPerSecond))} events/s`]),
    ...(cpuBusy === null ? [] : [`CPUs ${percent(cpuBusy)} busy`]),
    limited === null ? 'not limiting' : `limiting: ${limited}`,
  ];
  return parts.join(', ');
}
