/** The trace of another cluster: its shape, and how its jobs did. */
import type { ExperimentResult } from '../../harness/result.ts';
import { curvesFigure } from '../figures/curvesFigure.ts';
import { valuesFigure } from '../figures/valuesFigure.ts';
import { table } from '../page/blocks.ts';
import { exactCommands } from '../results/commands.ts';
import { completedOf, curveOf, estimateOf } from '../results/scenarioValues.ts';
import { count, figures, percent, ratio, seconds } from '../words.ts';
import type { Topic } from './topic.ts';

const FRAMEWORKS = ['small-jobs', 'large-jobs'] as const;
const SYSTEMS = [
  ['mesos', 'Mesos'],
  ['static', 'static partitions'],
] as const;

/** The section; without a file it says how to give one. */
export function traceSection(result: ExperimentResult): readonly Topic[] {
  if (result.cells.length === 0) return [NO_FILE];
  return [shapeTopic(result), runsTopic(result)];
}

/** Curves over hours, and of how many these must be to show anything. */
const HOURS = [
  { name: 'jobs per hour', title: 'Jobs per hour', x: 'time since the first job (h)', hoursMin: 3 },
  {
    name: 'jobs by hour of the day',
    title: 'Jobs by the hour of the day, means over days',
    x: 'hour of the day, counted from the first job (h)',
    hoursMin: 24,
  },
] as const;

const NO_FILE: Topic = {
  id: 'no-file',
  title: 'A file is needed',
  question: 'Which trace is to be replayed?',
  figures: [],
  finding:
    'This experiment was not run, for it needs a file: a SWIM trace, such as the samples of Facebook’s clusters that the SWIM project publishes, or a ' +
    'log of the Parallel Workloads Archive in the Standard Workload Format.',
  caveat: '',
  tables: [],
  again: ['npx lab run trace --input FILE'],
};

function shapeTopic(result: ExperimentResult): Topic {
  const sizes = sizesName(result);
  const perHour = HOURS.filter(
    ({ name, hoursMin }) => (curveOf(result, 'shape', name)?.x.length ?? 0) >= hoursMin,
  );
  const fraction = { title: 'fraction of jobs', domain: [0, 1] } as const;
  return {
    id: 'shape',
    title: 'The shape of the trace',
    question: 'How do the jobs of this trace bunch in time, and how unequal are they?',
    figures: [
      curvesFigure({
        id: 'gaps',
        title: 'Gaps between jobs',
        alt: 'Distribution of the gaps between jobs, and what it would be if they came by chance.',
        x: { title: 'gap to the job before (s; shorter ones as 0.5)', scale: 'log' },
        y: { ...fraction, title: 'fraction of gaps' },
        lines: [
          { label: 'trace', curve: curveOf(result, 'shape', 'gaps (s)'), look: 'ours' },
          {
            label: 'by chance, with the same mean',
            curve: curveOf(result, 'shape', 'gaps by chance (s)'),
            look: 'model',
          },
        ],
      }),
      curvesFigure({
        id: 'sizes',
        title: 'Sizes of jobs',
        alt: 'Distribution of the sizes of jobs on a logarithmic axis.',
        x: { title: sizes.replace('job sizes ', 'size '), scale: 'log', format: '~s' },
        y: fraction,
        lines: [{ label: 'trace', curve: curveOf(result, 'shape', sizes), look: 'ours' }],
      }),
      ...perHour.map(({ name, title, x }) =>
        curvesFigure({
          id: name.replaceAll(' ', '-'),
          title,
          alt: `${title}, as steps.`,
          x: { title: x },
          y: { title: 'jobs in the hour' },
          lines: [{ label: 'trace', curve: curveOf(result, 'shape', name), look: 'ours', step: true }],
        }),
      ),
    ],
    finding: shapeFinding(result),
    caveat: 'Of the whole trace as it is, before anything is scaled. The last hour may not be a whole one.',
    tables: [],
    again: exactCommands(result, ['shape']),
  };
}

function shapeFinding(result: ExperimentResult): string {
  const value = (name: string): number | undefined => estimateOf(result, 'shape', name)?.value;
  const [jobs, span, burst] = [
    value('jobs'),
    value('span (h)'),
    value('burstiness (variance over mean of jobs per minute)'),
  ];
  const [largest, tail] = [value('largest 1 % of jobs, of all (%)'), value('tail index (Hill, largest 5 %)')];
  if (jobs === undefined || span === undefined) return 'The shape was not measured.';
  return [
    `${count(jobs, 'job')} in ${figures(span)} hours.`,
    ...(burst === undefined
      ? []
      : [
          `Jobs per minute vary ${figures(burst)} times as much as if they came by chance${burst > 2 ? ': they come in bursts' : ''}.`,
        ]),
    ...(largest === undefined
      ? []
      : [`The largest 1% of the jobs have ${percent(largest / 100)} of everything.`]),
    ...(tail === undefined
      ? []
      : [
          `The tail index is ${figures(tail)}${tail < 1 ? ', so heavy a tail that a mean says nothing' : tail < 2 ? ', a heavy tail' : ', no heavy tail'}.`,
        ]),
  ].join(' ');
}

function runsTopic(result: ExperimentResult): Topic {
  const own = FRAMEWORKS.filter((name) =>
    SYSTEMS.some(([system]) => estimateOf(result, system, meanOf(name)) !== null),
  );
  return {
    id: 'systems',
    title: 'Its jobs on Mesos and on static partitions',
    question: 'Do these jobs finish sooner if small and large ones share the cluster through Mesos?',
    figures: [
      valuesFigure({
        id: 'mean-job-times',
        title: 'Mean job times',
        alt: `Mean job times: ${own.map((name) => `${name} ${SYSTEMS.map(([system, label]) => `${shown(result, system, meanOf(name))} on ${label}`).join(', ')}`).join('; ')}.`,
        x: { title: '', scale: 'names' },
        y: { title: 'mean job time (s)' },
        rows: own.flatMap((name) =>
          SYSTEMS.map(([system, label]) => ({
            group: label,
            x: name,
            ours: estimateOf(result, system, meanOf(name)),
          })),
        ),
        looks: { 'static partitions': 'static' },
      }),
      ...own.map((name) =>
        curvesFigure({
          id: `job-times-of-${name}`,
          title: `Job times of ${name}`,
          alt: `Distribution of the job times of ${name} on both systems.`,
          x: { title: 'job time (s)', scale: 'log' },
          y: { title: 'fraction of jobs that took no longer', domain: [0, 1] },
          lines: [
            { label: 'Mesos', curve: curveOf(result, 'mesos', `job times, ${name} (s)`), look: 'ours' },
            {
              label: 'static partitions',
              curve: curveOf(result, 'static', `job times, ${name} (s)`),
              look: 'static',
            },
          ],
        }),
      ),
    ],
    finding: runsFinding(result, own),
    caveat:
      'The trace was brought to this cluster by the rules in the table. Both systems run the same jobs. Curves show the first seed; the trace itself is one draw of ' +
      'what might have been.',
    tables: rulesTable(result),
    again: exactCommands(
      result,
      SYSTEMS.map(([system]) => system),
    ),
  };
}

function runsFinding(result: ExperimentResult, own: readonly string[]): string {
  const gains = own.flatMap((name) => {
    const [mesos, onStatic] = SYSTEMS.map(([system]) => estimateOf(result, system, meanOf(name))?.value);
    return mesos === undefined || onStatic === undefined
      ? []
      : [
          `${name} take ${ratio(onStatic / mesos)} as long on static partitions as on Mesos (${seconds(onStatic)} and ${seconds(mesos)})`,
        ];
  });
  if (gains.length === 0) return 'The jobs were not run on both systems.';
  const busy = SYSTEMS.flatMap(([system, label]) => {
    const found = estimateOf(result, system, 'CPUs in use (%)');
    return found === null ? [] : [`${percent(found.value / 100)} on ${label}`];
  });
  return `In the mean, ${gains.join('; ')}. Tasks held ${busy.join(' and ')} of the CPUs until the last job ended.`;
}

function rulesTable(result: ExperimentResult): Topic['tables'] {
  const [cell] = SYSTEMS.flatMap(([system]) => completedOf(result.cells, system));
  if (cell === undefined) return [];
  const rows = Object.entries(cell.provenance.parameters).map(([name, value]) => [
    name,
    typeof value === 'number' ? figures(value) : value,
  ]);
  return [
    table(
      'How the trace was brought to this cluster',
      [{ title: 'Rule or result' }, { title: 'Value' }],
      rows,
    ),
  ];
}

const meanOf = (framework: string): string => `mean job time, ${framework} (s)`;

function shown(result: ExperimentResult, system: string, name: string): string {
  const found = estimateOf(result, system, name);
  return found === null ? 'not run' : seconds(found.value);
}

/** The name of the curve of sizes, which tells what they count. */
function sizesName(result: ExperimentResult): string {
  const [cell] = completedOf(result.cells, 'shape');
  return Object.keys(cell?.curves ?? {}).find((name) => name.startsWith('job sizes')) ?? 'job sizes';
}
