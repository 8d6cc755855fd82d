/** Scalability: the delay of a new framework's task by the number of slaves, and what the master's processes went through. */
import type { CompletedCell, Estimate, ExperimentResult } from '../../harness/result.ts';
import { type ValueRow, valuesFigure } from '../figures/valuesFigure.ts';
import { ADDED_DELAY, FIGURE_10, PROBE_STEPS, SHORT_PROBES_CHECK, shortStep } from '../paper/scalability.ts';
import {
  completedOf,
  estimateOf,
  sampleEstimateOf,
  samplesOf,
  scenariosOf,
} from '../results/scenarioValues.ts';
import { count, enumerate, grouped, interval, seconds } from '../words.ts';
import type { Topic } from './topic.ts';

const X = { title: 'slaves', scale: 'log' } as const;

/** A size that was run. */
interface Size {
  readonly id: string;
  readonly slaves: number;
  readonly cell: CompletedCell;
}

/** The topics. */
export function scalabilitySection(result: ExperimentResult): readonly Topic[] {
  const sizes = sizesOf(result);
  return [
    delayTopic(result, sizes),
    stepsTopic(result, sizes),
    loadTopic(result, sizes),
    memoryTopic(result, sizes),
  ];
}

/** The sizes that have frameworks, the smallest first. */
function sizesOf({ cells }: ExperimentResult): readonly Size[] {
  return scenariosOf(cells)
    .flatMap(({ id }): readonly Size[] => {
      const cell = completedOf(cells, id).at(-1);
      const { slaves, frameworks } = cell?.provenance.parameters ?? {};
      return cell === undefined || frameworks === 0 ? [] : [{ id, slaves: Number(slaves), cell }];
    })
    .sort((a, b) => a.slaves - b.slaves);
}

function delayTopic(result: ExperimentResult, sizes: readonly Size[]): Topic {
  const paper = new Map<number, number>(FIGURE_10);
  const median = sizes.map(
    ({ id, slaves, cell }): ValueRow => ({
      group: cell.harness.limited === null ? 'median of the probes' : 'median, harness-limited',
      x: slaves,
      ours: sampleEstimateOf(result, id, ADDED_DELAY),
      paper: paper.get(slaves) ?? null,
    }),
  );
  const missing = FIGURE_10.filter(([slaves]) => !sizes.some((size) => size.slaves === slaves)).map(
    ([slaves, delayS]): ValueRow => ({ group: 'median of the probes', x: slaves, ours: null, paper: delayS }),
  );
  const dots = sizes.flatMap(({ slaves, cell }) =>
    samplesOf([cell], ADDED_DELAY).map(
      (delayS, _, all): ValueRow => ({
        group: 'each probe',
        x: slaves,
        ours: { value: delayS, interval: null, n: all.length },
      }),
    ),
  );
  return {
    id: 'delay',
    title: 'The delay of a new framework’s task',
    question:
      'How much longer than its 10 s does the task of a new framework take, from the moment at which the framework was to start?',
    figures: [
      valuesFigure({
        id: 'delay',
        title: 'Added delay by number of slaves',
        alt: 'Dots: added delay of each probe and their median, for clusters of 1,000 to 50,000 slaves, with the values of figure 10 of the paper as hollow marks.',
        x: X,
        y: { title: 'added delay (s)', scale: 'log' },
        rows: [...missing, ...median, ...dots],
        mark: 'points',
        repeated: 'probe',
        reference: { value: 1, label: '1 s: the paper’s bound' },
      }),
    ],
    finding: delayFinding(result, sizes),
    caveat:
      'The paper’s points are means of five probes on 99 machines of 2010; ours are medians of five on one machine, with their range. ' +
      'Where the processes around the master were late, or all processors busy, a point is marked as limited by the harness: the delay is then theirs.',
    tables: [],
  };
}

function delayFinding(result: ExperimentResult, sizes: readonly Size[]): string {
  const largest = sizes.at(-1);
  const ours = largest && sampleEstimateOf(result, largest.id, ADDED_DELAY);
  if (largest === undefined || ours == null) return 'No run of this report has probes.';
  const paper = FIGURE_10.find(([slaves]) => slaves === largest.slaves)?.[1];
  const first =
    `With ${count(largest.slaves, 'slave')}, the median of ${count(ours.n, 'probe')} was delayed by ${milliseconds(ours)}` +
    `${paper === undefined ? '' : ` (paper: ${seconds(paper)} on average)`}.`;
  const { values, harness, checks } = largest.cell;
  const tails = ([50, 90, 95, 99] as const).flatMap((percent) => {
    const value = values[`added delay of short probes, ${percent}th percentile (ms)`];
    return value === undefined ? [] : [`${percent}% within ${grouped(value)} ms`];
  });
  const short =
    tails.length === 0
      ? ''
      : ` Of ${count(values['short probes'] ?? 0, 'short probe')}, ${enumerate(tails)}.${limitOfShort(checks)}`;
  return `${first}${short}${harness.limited === null ? '' : ` Limited by the harness: ${harness.limited}`}`;
}

/** What must be said of their percentiles where the machine was the limit. */
function limitOfShort(checks: CompletedCell['checks']): string {
  const check = checks.find(({ id, verdict }) => id === SHORT_PROBES_CHECK && verdict === 'unknown');
  return check === undefined ? '' : ` These are limited by the harness: ${check.detail}`;
}

function milliseconds(ours: Estimate): string {
  const show = (valueS: number): string => `${grouped(1000 * valueS)} ms`;
  return `${show(ours.value)} ${interval(ours, show)}`.trim();
}

function stepsTopic(result: ExperimentResult, sizes: readonly Size[]): Topic {
  const rows = PROBE_STEPS.flatMap((step) =>
    sizes.map(
      ({ id, slaves }): ValueRow => ({
        group: step,
        x: slaves,
        ours: estimateOf(result, id, shortStep(step)),
      }),
    ),
  );
  return {
    id: 'steps',
    title: 'Where a probe’s time goes',
    question: 'What does a new framework’s task wait for?',
    figures: [
      valuesFigure({
        id: 'steps',
        title: 'Parts of the delay of short probes, mean',
        alt: 'Lines: mean time of each step of a short probe, from the moment at which it was to start until it was told of the end of its task, by number of slaves.',
        x: X,
        y: { title: 'time (ms)', scale: 'log' },
        rows: rows.filter(({ ours }) => ours == null || ours.value > 0),
      }),
    ],
    finding: stepsFinding(sizes),
    caveat:
      'Each part counts from the end of the one before, on the clock of the probes’ process; the length of the task is left out. A link takes ' +
      'four turns of both processes: the connection, HTTP/2, a challenge, and the proof that both know the secret.',
    tables: [],
  };
}

function stepsFinding(sizes: readonly Size[]): string {
  const largest = sizes.at(-1);
  const parts = PROBE_STEPS.flatMap((step) => {
    const value = largest?.cell.values[shortStep(step)];
    return value === undefined ? [] : [`${grouped(value, 1)} ms ${step}`];
  });
  if (largest === undefined || parts.length === 0) return 'No run of this report measured it.';
  return `With ${count(largest.slaves, 'slave')}, a short probe took on average ${enumerate(parts)}.`;
}

function loadTopic(result: ExperimentResult, sizes: readonly Size[]): Topic {
  const rows = (names: Readonly<Record<string, string>>): readonly ValueRow[] =>
    Object.entries(names).flatMap(([group, value]) =>
      sizes.map(({ id, slaves }) => ({ group, x: slaves, ours: estimateOf(result, id, value) })),
    );
  return {
    id: 'load',
    title: 'What the master carries',
    question:
      'How many messages, how much processor time and how late an event loop does the delay come with?',
    figures: [
      valuesFigure({
        id: 'messages',
        title: 'Messages and launches a second',
        alt: 'Lines: messages and task launches a second at the master by number of slaves.',
        x: X,
        y: { title: 'per second (1/s)', scale: 'log' },
        rows: rows({
          'messages, in and out': 'messages at the master (1/s)',
          'tasks launched': 'tasks launched (1/s)',
        }),
      }),
      valuesFigure({
        id: 'processors',
        title: 'Processor time',
        alt: 'Lines: processor time of the master, of the processes that hold slaves and of the one that holds frameworks, by number of slaves.',
        x: X,
        y: { title: 'part of one core (%)' },
        rows: rows({
          master: 'CPU of the master (%)',
          slaves: 'CPU of the slaves (%)',
          frameworks: 'CPU of the frameworks (%)',
        }),
      }),
      valuesFigure({
        id: 'event-loops',
        title: 'How late event loops are, 99th percentile',
        alt: 'Lines: delay of the event loops of master, slaves and frameworks at the 99th percentile, by number of slaves.',
        x: X,
        y: { title: 'delay (ms)', scale: 'log' },
        rows: rows({
          master: 'event loop of the master, 99th percentile (ms)',
          slaves: 'event loops of the slaves, 99th percentile (ms)',
          frameworks: 'event loops of the frameworks, 99th percentile (ms)',
        }),
      }),
    ],
    finding: loadFinding(sizes),
    caveat:
      'Messages are counted at the master, in and out, pings and acknowledgements included. A late event loop includes the time in which the ' +
      'process had no processor.',
    tables: [],
  };
}

function loadFinding(sizes: readonly Size[]): string {
  const largest = sizes.at(-1);
  if (largest === undefined) return 'No run of this report has frameworks.';
  const { values } = largest.cell;
  const of = (name: string): string => grouped(values[name] ?? Number.NaN);
  return (
    `With ${count(largest.slaves, 'slave')}, ${of('tasks running')} tasks ran, and ${of('tasks launched (1/s)')} were launched a second. ` +
    `The master dealt with ${of('messages at the master (1/s)')} messages a second in ${of('CPU of the master (%)')}% of a core; the slaves took ` +
    `${of('CPU of the slaves (%)')}%, the frameworks ${of('CPU of the frameworks (%)')}%.`
  );
}

function memoryTopic(result: ExperimentResult, sizes: readonly Size[]): Topic {
  const values = {
    'at the master': 'memory of a slave at the master (KiB)',
    'in its own process': 'memory of a slave in its process (KiB)',
  };
  const idle = scenariosOf(result.cells).find(({ id }) => id === 'idle');
  const scenarios = [
    ...(idle === undefined ? [] : [{ id: idle.id, label: 'without tasks' }]),
    ...sizes.map(({ id, slaves }) => ({ id, label: `${grouped(slaves)} slaves, full` })),
  ];
  return {
    id: 'memory',
    title: 'What a slave takes',
    question:
      'How much memory does a slave take at the master and in the process that holds it, without tasks and with two?',
    figures: [
      valuesFigure({
        id: 'memory',
        title: 'Memory of one slave',
        alt: 'Bars: memory of one slave at the master and in its own process, without tasks and with two tasks and their executors.',
        x: { title: '', scale: 'names' },
        y: { title: 'heap in use after garbage collection (KiB per slave)' },
        rows: Object.entries(values).flatMap(([group, value]) =>
          scenarios.map(({ id, label }) => ({ group, x: label, ours: estimateOf(result, id, value) })),
        ),
      }),
    ],
    finding: memoryFinding(result, sizes),
    caveat:
      'What the heap has grown by since the process held no slaves, divided by the slaves. With tasks it includes two tasks, their ' +
      'executors, and what is remembered of those that have ended.',
    tables: [],
  };
}

function memoryFinding(result: ExperimentResult, sizes: readonly Size[]): string {
  const say = (id: string, what: string): string[] => {
    const master = estimateOf(result, id, 'memory of a slave at the master (KiB)');
    const own = estimateOf(result, id, 'memory of a slave in its process (KiB)');
    return master === null || own === null
      ? []
      : [
          `${what} takes ${grouped(master.value, 1)} KiB at the master and ${grouped(own.value, 1)} KiB in its process`,
        ];
  };
  const largest = sizes.at(-1);
  const parts = [
    ...say('idle', 'a slave without tasks'),
    ...(largest === undefined ? [] : say(largest.id, 'one that is full')),
  ];
  return parts.length === 0 ? 'No run of this report measured it.' : `${capital(enumerate(parts))}.`;
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
