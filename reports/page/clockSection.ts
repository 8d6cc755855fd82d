/** All that was measured on one clock, section by section. */
import type { ClockKind, CompletedCell, FailedCell, ReportData } from '../../harness/result.ts';
import { endingsFigure } from '../figures/endings.ts';
import type { Figure } from '../figures/figure.ts';
import { jobTimesFigure } from '../figures/jobTimes.ts';
import { localityFigure } from '../figures/locality.ts';
import { sharesFigure } from '../figures/shares.ts';
import { speedUpsFigure } from '../figures/speedUps.ts';
import { stackedSharesFigure } from '../figures/stackedShares.ts';
import { utilisationFigure } from '../figures/utilisation.ts';
import { type ClockRuns, clockRuns, isCompared } from '../results/clockRuns.ts';
import { count, grouped } from '../words.ts';
import { caveat, commands, finding, question, warning } from './blocks.ts';
import { checksTable } from './checksTable.ts';
import type { Part } from './claimsTable.ts';
import { figureView } from './figureView.ts';
import * as findings from './findings.ts';
import { type Html, html } from './html.ts';
import { gibibytes, seedList } from './provenance.ts';
import { runsTable } from './runsTable.ts';
import { sharesTable, sumsTable } from './sumsTable.ts';

/** A subsection: what it asks, shows and finds. */
interface Topic {
  readonly id: string;
  readonly title: string;
  readonly question: string;
  readonly figures: readonly Figure[];
  readonly finding: string;
  readonly caveat: string;
  readonly tables: readonly (Html | null)[];
}

/** Titles of the subsections, for the contents: id without the clock, and title. */
export const TOPICS = [
  ['shares', 'Shares over time'],
  ['division', 'The whole cluster'],
  ['utilisation', 'Utilisation'],
  ['speed-up', 'Job times'],
  ['distribution', 'Distribution of job times'],
  ['locality', 'Locality'],
  ['endings', 'Offers and tasks'],
  ['checks', 'Checks'],
  ['runs', 'Runs'],
] as const;

/** How the section of a clock is called. */
export function clockTitle(clock: ClockKind): string {
  return clock === 'virtual' ? 'Virtual time' : 'Real processes';
}

/** The section of one clock; one sentence if nothing ran on it. */
export function clockSection(data: ReportData, clock: ClockKind): Part {
  const runs = clockRuns(clock, data.cells, isCompared(clock, data.claims));
  if (runs.cells.length === 0) {
    return {
      figures: [],
      html: html`<section id="${clock}"><h2>${clockTitle(clock)}</h2>\n<p>No run on this clock is part of this report.</p></section>\n`,
    };
  }
  const topics = topicsOf(runs);
  return {
    figures: topics.flatMap((topic) => topic.figures),
    html: html`<section id="${clock}" class="clock" aria-labelledby="${clock}-title">
<h2 id="${clock}-title">${clockTitle(clock)}</h2>
<p class="question">${introduction(runs)}</p>
${partial(runs)}${limits(runs)}${topics.map((topic) => topicView(topic, runs))}<section id="${clock}-checks"><h3>Checks</h3>
${question('Did each run do what it must, whatever the numbers?')}${checksTable(runs)}</section>
<section id="${clock}-runs"><h3>Runs</h3>
${question('Which runs is all this made of, and what did the harness see of itself?')}${runsTable(runs)}</section>
</section>
`,
  };
}

function topicsOf(runs: ClockRuns): readonly Topic[] {
  const { clock, shown } = runs;
  const one = shown === null ? '' : `The chart shows seed ${shown.seed}.`;
  const step = shown?.mesos?.utilisation.cpus.stepS ?? shown?.static?.utilisation.cpus.stepS ?? null;
  const steps =
    step === null ? '' : `Values are means over steps of ${grouped(step, Number.isInteger(step) ? 0 : 1)} s.`;
  const n = runs.pairs.filter((pair) => pair.mesos !== null && pair.static !== null).length;
  const over =
    n === 0 ? '' : n === 1 ? 'There is one seed only.' : `Tables give medians over ${count(n, 'seed')}.`;
  const title = (id: (typeof TOPICS)[number][0]) => ({
    id: `${clock}-${id}`,
    title: TOPICS.find(([key]) => key === id)?.[1] ?? id,
  });
  return [
    {
      ...title('shares'),
      question:
        'Does a framework get more than its static share while others are idle? (Figure 5 of the paper)',
      figures: [sharesFigure(runs)],
      finding: findings.sharesFinding(runs),
      caveat: `${one} ${steps} A share counts CPUs that tasks hold, busy or not.`,
      tables: [sharesTable(runs)],
    },
    {
      ...title('division'),
      question: 'How was the whole cluster divided at each moment? (Figure 6 of the paper)',
      figures: [stackedSharesFigure(runs)],
      finding: findings.stackedFinding(runs),
      caveat: `${one} Empty space is CPUs that no task held.`,
      tables: [],
    },
    {
      ...title('utilisation'),
      question: 'Are the machines better used? (Figure 7 of the paper)',
      figures: [utilisationFigure(runs)],
      finding: findings.utilisationFinding(runs),
      caveat: `${one} ${over} Means cover each run until its last job ended; the paper’s cover the first 1,600 s.`,
      tables: [],
    },
    {
      ...title('speed-up'),
      question: 'Does the same job end sooner on Mesos? (Tables 4 and 5 of the paper)',
      figures: [speedUpsFigure(runs)],
      finding: findings.speedUpFinding(runs),
      caveat:
        `${over} Each job is compared with itself: same seed, same work, on both systems. Times count from the intended ` +
        'submission. Jobs that did not finish on both systems are left out, and counted in the table.',
      tables: [sumsTable(runs)],
    },
    {
      ...title('distribution'),
      question: 'How long do jobs take, from the shortest to the longest?',
      figures: [jobTimesFigure(runs)],
      finding: findings.jobTimesFinding(runs),
      caveat: `${one} The higher curve ends its jobs sooner. A median is named only for 20 jobs or more.`,
      tables: [],
    },
    {
      ...title('locality'),
      question: 'Do maps run where their data is?',
      figures: [localityFigure(runs)],
      finding: findings.localityFinding(runs),
      caveat:
        'A map counts as local if a copy of its block lies on the slave that ran it. What a remote read costs is a matter of ' +
        'the model or of the machine: see the caveats.',
      tables: [],
    },
    {
      ...title('endings'),
      question: 'What became of the offers, and of the tasks?',
      figures: [endingsFigure(runs)],
      finding: findings.endingsFinding(runs),
      caveat: `${one} Static partitions have no offers.`,
      tables: [],
    },
  ];
}

function topicView(topic: Topic, runs: ClockRuns): Html {
  return html`<section id="${topic.id}" aria-labelledby="${topic.id}-title">
<h3 id="${topic.id}-title">${topic.title}</h3>
${question(topic.question)}${topic.figures.map(figureView)}${finding(topic.finding)}${topic.tables}${caveat(topic.caveat.trim())}${again(runs)}</section>
`;
}

function again(runs: ClockRuns): Html | null {
  const { mesos = null, static: onStatic = null } = runs.shown ?? {};
  const cells = [mesos, onStatic].filter((cell) => cell !== null);
  return commands('Make it again:', [...new Set(cells.map((cell) => cell.provenance.command))]);
}

function introduction({ clock, completed, cells }: ClockRuns): string {
  const sample: CompletedCell | undefined = completed[0];
  const numbers = [...new Set(cells.map((cell) => cell.provenance.seed))];
  const seeds = `${numbers.length === 1 ? 'Seed' : 'Seeds'} ${seedList(numbers)}.`;
  if (sample === undefined) return `No run completed. ${seeds}`;
  const { cluster, provenance } = sample;
  const memory = gibibytes(cluster.memMiB * 2 ** 20);
  const size = `${count(cluster.slaves, 'slave')} with ${count(cluster.cpus, 'CPU')} and ${memory} in all`;
  return clock === 'virtual'
    ? `A simulated cluster: ${size}. The same seed gives the same history. ${seeds}`
    : `Processes on one machine (${provenance.cpuModel}, ${count(provenance.cores, 'core')}): ${size}. ${seeds}`;
}

/** Says how many runs are missing, and which. */
function partial({ cells, completed, failed }: ClockRuns): Html | null {
  if (failed.length === 0) return null;
  return html`<div class="warning" role="note"><p><strong>${grouped(completed.length)} of ${count(cells.length, 'run')} completed.</strong> Missing:</p>
<ul>${failed.map((cell) => html`<li>${missing(cell)}</li>`)}</ul></div>
`;
}

function missing({ provenance, cause, reason }: FailedCell): string {
  const system = provenance.system === 'mesos' ? 'Mesos' : 'Static partitions';
  const whose = cause === 'infrastructure' ? 'the machine’s fault' : 'the fault of the system under test';
  return `${system}, seed ${provenance.seed} (${whose}): ${reason}`;
}

/** Says where the harness was the bottleneck. */
function limits({ completed }: ClockRuns): Html | null {
  const limited = completed.filter((cell) => cell.harness.limited !== null);
  if (limited.length === 0) return null;
  const reasons = [...new Set(limited.map((cell) => cell.harness.limited ?? ''))];
  return warning(
    'Limited by the harness',
    `${count(limited.length, 'run')}: ${reasons.join(' ')} Do not take these numbers for the system’s.`,
  );
}
