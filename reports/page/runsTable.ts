/** The runs of an experiment, a row each: how they ended, what they left, how to make them again. */
import type { CellResult, CompletedCell } from '../../harness/result.ts';
import { clockName, count, duration, grouped, percent, seconds } from '../words.ts';
import { commandText, copyButton, folded, type Heading, table } from './blocks.ts';
import { type Html, html, type Insert } from './html.ts';

/** Of runs that have jobs. */
const JOBS: Heading = { title: 'Last job ended after', number: true };

const headings = (hasJobs: boolean): readonly Heading[] => [
  { title: 'Run' },
  { title: 'Clock' },
  ...(hasJobs ? [JOBS] : []),
  { title: 'Wall clock', number: true },
  { title: 'Harness' },
  { title: 'History' },
  { title: 'Command' },
];

/** Longer tables are folded away. */
const SHOWN_ROWS = 12;

/** One row per run, failed ones included. */
export function runsTable(cells: readonly CellResult[]): Html {
  const completed = cells.filter((cell) => cell.state === 'completed').length;
  const caption = `Runs: ${grouped(completed)} of ${grouped(cells.length)} completed`;
  const isFolded = cells.length > SHOWN_ROWS;
  // Of a run that failed it is not known whether it had any.
  const hasJobs = cells.some((cell) => cell.state === 'failed' || cell.kind === 'run');
  const rows = cells.map((cell) => row(cell, { hasJobs, isOnPaper: !isFolded }));
  const whole = table(caption, headings(hasJobs), rows);
  return isFolded ? folded(caption, whole) : whole;
}

/** A link to a history beside the report; plain text if the path leads elsewhere; null if none was kept. */
export function historyLink({ harness }: CompletedCell): Html | null {
  const { historyFile, historyLines, historySha256 } = harness;
  if (historyFile === null) return null;
  const relative = !/^[a-z][a-z0-9+.-]*:|^[/\\]/i.test(historyFile);
  const name = relative
    ? html`<a href="${historyFile.split('/').map(encodeURIComponent).join('/')}">${historyFile}</a>`
    : html`${historyFile}`;
  const hash = historySha256 === null ? '' : `, sha256 ${historySha256.slice(0, 12)}`;
  return html`${name}<br><span class="fine">${count(historyLines, 'line')}${hash}</span>`;
}

/** What is folded is left out on paper, where the others have their command in place of a button. */
function row(
  cell: CellResult,
  { hasJobs, isOnPaper }: { readonly hasJobs: boolean; readonly isOnPaper: boolean },
): readonly Insert[] {
  const { label, clock, seed, command, wallSeconds } = cell.provenance;
  const name = `${label}, seed\u00a0${seed}`;
  const button = copyButton(command, 'Copy', `Copy the command of ${name}`);
  const again = isOnPaper ? html`${button}<div class="on-paper">${commandText(command)}</div>` : button;
  const head = [name, clockName(clock)];
  switch (cell.state) {
    case 'completed': {
      const end = cell.kind === 'run' ? seconds(cell.makespanS) : '';
      const history = historyLink(cell) ?? 'not kept';
      return [...head, ...(hasJobs ? [end] : []), duration(wallSeconds), harness(cell), history, again];
    }
    case 'failed':
      return [...head, 'failed', duration(wallSeconds), cell.reason, 'none', again];
    default:
      return cell satisfies never;
  }
}

function harness({
  harness: { cpuBusy, eventsPerSecond, limited, limitedValues = {} },
}: CompletedCell): string {
  const ofSome = [...new Set(Object.values(limitedValues))];
  const parts = [
    ...(eventsPerSecond === null ? [] : [`${grouped(Math.round(eventsPerSecond))} events/s`]),
    ...(cpuBusy === null ? [] : [`CPUs ${percent(cpuBusy)} busy`]),
    limited !== null
      ? `limiting: ${limited}`
      : ofSome.length > 0
        ? `limiting in part: ${ofSome.join(' ')}`
        : 'not limiting',
  ];
  return parts.join(', ');
}
