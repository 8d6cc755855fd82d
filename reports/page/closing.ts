/** The end of the page: how to read it, the words it uses, and where the raw data are. */
import type { ReportData, Verdict } from '../../harness/result.ts';
import { count } from '../words.ts';
import { verdictMark } from './blocks.ts';
import { type Html, html } from './html.ts';
import { historyLink } from './runsTable.ts';
import { VERDICTS } from './tally.ts';

const MEANING: Readonly<Record<Verdict, string>> = {
  reproduced:
    'Our value lies within the tolerance of the paper’s, and our interval is narrow enough to say so.',
  'same direction':
    'Our value lies further away, but our whole interval is on the paper’s side of no effect.',
  deviates:
    'Our interval excludes the paper’s value, give or take its tolerance. It shows no effect to speak of, or the other direction, or is of a kind that has none, such as a time.',
  inconclusive: 'Too few runs, or an interval too wide to decide. More seeds would help.',
  'harness-limited': 'The harness or the machine was the bottleneck. The number is not the system’s.',
  'not run': 'No run of this report gives the number.',
};

const GLOSSARY: readonly (readonly [string, string])[] = [
  ['Cell', 'One run: one scenario with one seed.'],
  [
    'Framework',
    'A system that runs jobs on the cluster, such as Hadoop or MPI. It has a scheduler and executors.',
  ],
  [
    'Interval',
    'Where the true value lies, judged by how much the runs differ: in 95 cases of 100, or in as many as are said.',
  ],
  ['Job', 'What a user submits: many tasks that belong together.'],
  ['Local map', 'A map whose block of input lies on the slave that runs it.'],
  ['Makespan', 'From the start of a run until its last job has ended.'],
  ['Master', 'Offers the free resources of the slaves to the frameworks.'],
  [
    'Offer',
    'Free resources of a slave that the master holds out to one framework. It is accepted, declined or rescinded.',
  ],
  ['Points', 'Difference of two percentages: from 57% to 68% is 11 points.'],
  ['Ramp-up', 'From the submission of a job until it runs with all the tasks that it needs.'],
  ['Seed', 'The number that all random draws of a run come from. The same seed means the same jobs.'],
  ['Share', 'Part of the cluster’s CPUs that the tasks of a framework hold.'],
  ['Slave', 'A machine of the cluster, or the program that runs tasks on it.'],
  ['Speed-up', 'Time on static partitions divided by time on Mesos. Above 1 means faster on Mesos.'],
  [
    'Static partition',
    'A fixed part of the cluster that belongs to one framework alone. There is no Mesos in it.',
  ],
  ['Virtual time', 'A simulation: the same schedulers, but time is counted and not waited for.'],
];

/** How to read the page. */
export function readingSection(): Html {
  return html`<section id="reading" aria-labelledby="reading-title">
<h2 id="reading-title">How to read this report</h2>
<p>Every section asks one question. Below it stand a chart, what the data say in a sentence, what to know
before believing it, and the command that makes it again.</p>
<dl class="meanings">
${VERDICTS.map((verdict) => html`<div><dt>${verdictMark(verdict)}</dt><dd>${MEANING[verdict]}</dd></div>\n`)}</dl>
<ul>
<li><strong>Colours.</strong> A framework has the same colour in every chart. Hollow grey diamonds are the
paper’s values. Grey dashes, squares or areas are static partitions.</li>
<li><strong>Speed-ups</strong> stand on a logarithmic axis with a line at 1, so that twice as fast and twice
as slow are equally far from it.</li>
<li><strong>Medians and intervals.</strong> A value with brackets is the median over the seeds. The brackets
hold the true median in at least 95 of 100 such sets of seeds, whatever the distribution (the interval of
the sign test). Fewer than three seeds have no interval. With three, four and five it goes from the smallest
to the largest value, and holds the true median only 75%, 87.5% and 93.8% of the time: then the brackets, the
heading of the table or the key of the chart say so, and a verdict stands only if a longer interval gives it too,
about 95% sure of values that are spread as usual. Where all seeds gave the very same value, it has no brackets, or
“all the same” in them; “for any seed” is what nothing random goes into.</li>
<li><strong>Virtual and real</strong> are never mixed in one number. Virtual runs repeat to the byte; real
runs do not.</li>
<li><strong>Behind each chart</strong> is a table with its numbers. Time plots show one seed, with all its steps:
nothing is sampled silently. Where there is too much to draw all of it, the chart says what it leaves out.</li>
</ul>
</section>
`;
}

/** Words that the page uses. */
export function glossarySection(): Html {
  return html`<section id="glossary" aria-labelledby="glossary-title">
<h2 id="glossary-title">Glossary</h2>
<dl class="glossary">
${GLOSSARY.map(([word, meaning]) => html`<div><dt>${word}</dt><dd>${meaning}</dd></div>\n`)}</dl>
</section>
`;
}

/** Where the raw data are. */
export function rawDataSection({ experiments }: ReportData): Html {
  const links = experiments.flatMap(({ cells }) =>
    cells.flatMap((cell) => (cell.state === 'completed' ? (historyLink(cell) ?? []) : [])),
  );
  return html`<section id="raw" aria-labelledby="raw-title">
<h2 id="raw-title">Raw data</h2>
<p>A history holds all that happened in a run, one event a line (NDJSON). ${count(links.length, 'history was', 'histories were')} kept;
paths are relative to this file. The commands under “Runs” make the others again.</p>
${links.length === 0 ? html`<p>No history was kept.</p>` : html`<ul class="files">\n${links.map((link) => html`<li>${link}</li>\n`)}</ul>`}
<p>This page holds the measured results too, numbers cut to 6 significant figures, without values over time and
curves: these stand in the tables behind the charts, and all of them in <code>report.json</code> beside this file. <button type="button" data-do="data" data-needs-script>Save the results
as JSON</button></p>
</section>
`;
}
