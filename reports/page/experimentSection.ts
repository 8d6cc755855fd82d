/** The section of one experiment: what it asks, what the paper did, its topics, and what stands behind them. */
import type {
  CellResult,
  ClockKind,
  CompletedCell,
  ExperimentResult,
  FailedCell,
} from '../../harness/result.ts';
import { experimentClaimsFigure } from '../figures/claims.ts';
import type { Figure } from '../figures/figure.ts';
import { sizeSentence } from '../paper/size.ts';
import { exactCommands } from '../results/commands.ts';
import { sectionsOf } from '../sections/catalogue.ts';
import type { Topic } from '../sections/topic.ts';
import { CLOCKS, clockName, count, grouped } from '../words.ts';
import { caveat, commands, commandText, copyButton, finding, question, warning } from './blocks.ts';
import { checksTable } from './checksTable.ts';
import { figureView, type Pictures } from './figureView.ts';
import { type Html, html } from './html.ts';
import { gibibytes, seedList } from './provenance.ts';
import { runsTable } from './runsTable.ts';
import { scenariosTable } from './scenariosTable.ts';
import { tallyOf, tallyView, verdictSentence } from './tally.ts';
import { valuesTable } from './valuesTable.ts';

/** An experiment with its topics, drawn up once for the page and its contents. */
export interface ExperimentView {
  readonly id: string;
  readonly title: string;
  readonly html: (pictures: Pictures) => Html;
  readonly figures: readonly Figure[];
  /** Anchors and titles of the subsections. */
  readonly parts: readonly (readonly [anchor: string, title: string])[];
}

/** Draws up the section of an experiment. */
export function experimentView(result: ExperimentResult): ExperimentView {
  const { experiment, cells, claims, caveats } = result;
  const { id } = experiment;
  const topics = [...againstPaper(result), ...sectionsOf(id).flatMap((section) => section(result))];
  const values = valuesTable(result);
  const others = [
    ...(caveats.length === 0 ? [] : ([['caveats', 'Caveats', caveatsView(caveats)]] as const)),
    ...(values === null ? [] : ([['values', 'All values', valuesView(values)]] as const)),
    ['checks', 'Checks', checksView(cells)] as const,
    ['runs', 'Runs', runsView(cells)] as const,
  ];
  return {
    id,
    title: experiment.title,
    figures: topics.flatMap((topic) => topic.figures),
    parts: [
      ...topics.map((topic) => [`${id}-${topic.id}`, topic.title] as const),
      ...others.map(([end, title]) => [`${id}-${end}`, title] as const),
    ],
    html: (pictures) => html`<section id="${id}" class="experiment" aria-labelledby="${id}-title">
<p class="kicker">Experiment <code>${id}</code></p>
<h2 id="${id}-title">${experiment.title}</h2>
<p class="lead">${experiment.question}</p>
<p class="paper"><strong>In the paper.</strong> ${experiment.paper}</p>
${claims.length === 0 ? null : html`<p class="against"><a href="#claims-of-${id}">The paper’s claims</a>: ${tallyView(tallyOf(claims))}</p>\n`}${settings(cells)}${ofOtherSize(result)}${partial(result)}${limits(cells)}${topics.map((topic) => topicView(result, topic, pictures))}${others.map(([end, title, inside]) => partView(`${id}-${end}`, title, inside))}</section>
`,
  };
}

/** All claims of the experiment that can be drawn. */
function againstPaper(result: ExperimentResult): readonly Topic[] {
  const figure = experimentClaimsFigure(result);
  if (figure === null) return [];
  return [
    {
      id: 'against-paper',
      title: 'Against the paper',
      question: 'Which of the paper’s numbers come out again here?',
      figures: [figure],
      finding: verdictSentence(tallyOf(result.claims)),
      caveat:
        'The reasons, and what differs between the paper’s experiment and this one, stand in the table of all claims.',
      tables: [],
    },
  ];
}

function topicView(result: ExperimentResult, topic: Topic, pictures: Pictures): Html {
  const experiment = result.experiment.id;
  const again = topic.again ?? (isWithoutRuns(result, topic) ? [] : exactCommands(result));
  return partView(
    `${experiment}-${topic.id}`,
    topic.title,
    html`${question(topic.question)}${topic.figures.map((figure) => figureView(experiment, figure, pictures))}${finding(topic.finding)}${topic.tables}${caveat(topic.caveat)}${commands('Make it again:', again)}`,
  );
}

/** Is nothing to be seen though no run failed? Then what would show it was not run, and to run the others again would not help. */
function isWithoutRuns({ cells }: ExperimentResult, { figures, tables }: Topic): boolean {
  return (
    figures.every(({ state }) => state === 'empty') &&
    tables.length === 0 &&
    cells.every(({ state }) => state === 'completed')
  );
}

function partView(anchor: string, title: string, inside: Html): Html {
  return html`<section id="${anchor}" aria-labelledby="${anchor}-title">
<h3 id="${anchor}-title">${title}</h3>
${inside}</section>
`;
}

function caveatsView(caveats: readonly string[]): Html {
  return html`${question('What must a reader know before believing these numbers?')}<ul>
${caveats.map((text) => html`<li>${text}</li>\n`)}</ul>
`;
}

function valuesView(table: Html): Html {
  return html`${question('What did each scenario measure?')}${table}`;
}

function checksView(cells: readonly CellResult[]): Html {
  return html`${question('Did each run do what it must, whatever the numbers?')}${checksTable(cells)}`;
}

function runsView(cells: readonly CellResult[]): Html {
  if (cells.length === 0) return html`<p>No run is part of this report.</p>\n`;
  return html`${question('Which runs is all this made of, and what did the harness see of itself?')}${scenariosTable(cells)}${runsTable(cells)}`;
}

/** What ran on each clock, in a sentence. */
function settings(cells: readonly CellResult[]): Html | null {
  const sentences = CLOCKS.flatMap((clock) => {
    const own = cells.filter((cell) => cell.provenance.clock === clock);
    return own.length === 0 ? [] : [settingOf(clock, own)];
  });
  return sentences.length === 0
    ? null
    : html`<p class="paper"><strong>Here.</strong> ${sentences.join(' ')}</p>\n`;
}

function settingOf(clock: ClockKind, cells: readonly CellResult[]): string {
  const numbers = [...new Set(cells.map((cell) => cell.provenance.seed))];
  const seeds = `${numbers.length === 1 ? 'seed' : 'seeds'} ${seedList(numbers)}`;
  const scenarios = new Set(cells.map((cell) => cell.provenance.scenario)).size;
  return `${capital(clockName(clock))}: ${count(scenarios, 'scenario')}, ${seeds}${sizesOf(cells)}. ${clockWords(clock, cells)}`;
}

function sizesOf(cells: readonly CellResult[]): string {
  const runs = cells.filter((cell) => cell.state === 'completed' && cell.kind === 'run');
  const sizes = new Set(
    runs.map(
      ({ cluster }) =>
        `${count(cluster.slaves, 'slave')} with ${count(cluster.cpus, 'CPU')} and ${gibibytes(cluster.memMiB * 2 ** 20)} in all`,
    ),
  );
  return sizes.size === 0 ? '' : `, ${[...sizes].join(' or ')}`;
}

function clockWords(clock: ClockKind, cells: readonly CellResult[]): string {
  const machine = cells[0]?.provenance;
  const on = machine === undefined ? 'this machine' : `${machine.cpuModel}, ${count(machine.cores, 'core')}`;
  switch (clock) {
    case 'virtual':
      return 'A simulation: the same seed gives the same history.';
    case 'emulated':
      return `Real masters, sockets and clock on one machine (${on}); slaves share processes and their tasks sleep.`;
    case 'real':
      return `Real processes on one machine (${on}).`;
    default:
      return clock satisfies never;
  }
}

function ofOtherSize(result: ExperimentResult): Html | null {
  const sentence = sizeSentence(result);
  return sentence === null ? null : warning('Not the paper’s size', sentence);
}

/** Says how many runs are missing, and which; and what was not to be run this time. */
function partial({ cells, left }: ExperimentResult): Html | null {
  const failed = cells.filter((cell) => cell.state === 'failed');
  if (failed.length === 0 && left.length === 0) return null;
  const done = cells.length - failed.length;
  const failures =
    failed.length === 0
      ? null
      : html`<p><strong>${grouped(done)} of ${count(cells.length, 'run')} completed.</strong> Missing:</p>
<ul>${failed.map((cell) => html`<li>${missing(cell)}</li>`)}</ul>`;
  const others =
    left.length === 0
      ? null
      : html`<p><strong>Not run this time:</strong></p>
<ul>${left.map(({ label, clock, command }) => html`<li>${label} (${clockName(clock)}): ${commandText(command)} ${copyButton(command, 'Copy', `Copy the command of ${label}`)}</li>\n`)}</ul>`;
  return html`<div class="warning" role="note">${failures}${others}</div>
`;
}

function missing({ provenance, cause, reason }: FailedCell): string {
  const whose = cause === 'infrastructure' ? 'the machine’s fault' : 'the fault of the system under test';
  return `${provenance.label}, seed ${provenance.seed} (${clockName(provenance.clock)}; ${whose}): ${reason}`;
}

/** Says where the harness was the bottleneck. */
function limits(cells: readonly CellResult[]): Html | null {
  const whole = (cell: CompletedCell): readonly string[] =>
    cell.harness.limited === null ? [] : [cell.harness.limited];
  const part = (cell: CompletedCell): readonly string[] =>
    whole(cell).length > 0 ? [] : Object.values(cell.harness.limitedValues ?? {});
  const told = (
    reasonsOf: (cell: CompletedCell) => readonly string[],
    howMuch: string,
  ): readonly string[] => {
    const completed = cells.filter((cell) => cell.state === 'completed');
    const limited = completed.filter((cell) => reasonsOf(cell).length > 0);
    const reasons = [...new Set(limited.flatMap(reasonsOf))];
    return reasons.length === 0 ? [] : [`${count(limited.length, 'run')}${howMuch}: ${reasons.join(' ')}`];
  };
  const all = [...told(whole, ''), ...told(part, ', in part')];
  if (all.length === 0) return null;
  return warning('Limited by the harness', `${all.join(' ')} Do not take these numbers for the system’s.`);
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
