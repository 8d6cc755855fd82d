/** Data locality for real, beside virtual time and the paper (NSDI'11 §6.3, figure 8). */
import type { Estimate, ExperimentResult } from '../../harness/result.ts';
import { type ValueRow, valuesFigure } from '../figures/valuesFigure.ts';
import { completedOf, estimateOf } from '../results/scenarioValues.ts';
import { percent, ratio } from '../words.ts';
import type { Topic } from './topic.ts';

const LOCAL = 'local maps (%)';
const JOB = 'job time (s)';

/** A scenario for real, the one in virtual time that it is like, and the paper's local maps (%) and job time (s). */
interface Case {
  readonly name: string;
  readonly real: string;
  readonly virtual: string;
  readonly paper: { readonly local: number; readonly jobS: number };
}

const STATIC: Case = {
  name: 'static partitions',
  real: 'netns-static',
  virtual: 'static',
  paper: { local: 18, jobS: 565 },
};
const ON_MESOS: readonly Case[] = [
  { name: 'no wait', real: 'netns-no-wait', virtual: 'no-wait', paper: { local: 50, jobS: 486 } },
  {
    name: 'short wait: 0.1 map',
    real: 'netns-wait-0.1s',
    virtual: 'wait-1s',
    paper: { local: 92, jobS: 369 },
  },
  {
    name: 'long wait: 0.5 map',
    real: 'netns-wait-0.5s',
    virtual: 'wait-5s',
    paper: { local: 97, jobS: 338 },
  },
];

/** The topic; none if nothing of it was run. */
export function realLocalityTopics(result: ExperimentResult): readonly Topic[] {
  const all = [STATIC, ...ON_MESOS];
  if (all.every(({ real }) => completedOf(result.cells, real).length === 0)) return [];
  const shown = (scenario: string): string => {
    const found = estimateOf(result, scenario, LOCAL);
    return found === null ? 'not run' : percent(found.value / 100);
  };
  return [
    {
      id: 'real',
      title: 'The same with real blocks and a network that is slow',
      question: 'Do jobs of real processes, which read real blocks over a network, gain as much by the wait?',
      figures: [
        valuesFigure({
          id: 'real-local-maps',
          title: 'Maps that read a block of their own node',
          alt: `Local maps for real and in virtual time: ${all.map(({ name, real, virtual }) => `${name} ${shown(real)} and ${shown(virtual)}`).join('; ')}.`,
          x: { title: '', scale: 'names' },
          y: { title: LOCAL, domain: [0, 105] },
          mark: 'points',
          rows: all.flatMap(({ name, real, virtual, paper }) => [
            { group: 'real', x: name, ours: estimateOf(result, real, LOCAL), paper: paper.local },
            ...inVirtualTime(name, estimateOf(result, virtual, LOCAL)),
          ]),
        }),
        valuesFigure({
          id: 'real-speed-ups',
          title: 'How much faster a scan is than on a static partition',
          alt: 'Job times on a static partition over those on Mesos, for real, in virtual time and in the paper.',
          x: { title: '', scale: 'names' },
          y: { title: 'static over Mesos (×)' },
          mark: 'points',
          rows: ON_MESOS.flatMap(({ name, real, virtual, paper }) => [
            {
              group: 'real',
              x: name,
              ours: claimed(result, `locality-real-speed-up-${real}`),
              paper: STATIC.paper.jobS / paper.jobS,
            },
            ...inVirtualTime(name, speedUp(result, virtual)),
          ]),
          reference: { value: 1, label: 'no faster' },
        }),
      ],
      finding: finding(result),
      caveat:
        'Eight machines that are namespaces of one, with two slots each; four instances, each of which scans 96 blocks of 2 MiB with one replica. ' +
        'Disks and network are limited by the kernel: 32 Mb/s for what a file server gives its own node, 14 Mb/s for what a node sends to others. A map ' +
        'takes about 1 s, a ninth of the paper’s, and waits are a tenth of the paper’s. On one replica of eight nodes a partition of two holds 25% of the blocks, not 18%.',
      tables: [],
    },
  ];
}

function finding(result: ExperimentResult): string {
  const over = estimateOf(result, STATIC.real, 'remote over local (×)');
  const wait = ON_MESOS.at(-1) as Case;
  const [local, faster] = [
    estimateOf(result, wait.real, LOCAL),
    claimed(result, `locality-real-speed-up-${wait.real}`),
  ];
  return [
    ...(over === null
      ? []
      : [
          `A remote map took ${ratio(over.value)} as long as a local one: measured here, assumed in virtual time (2×).`,
        ]),
    ...(local === null ? [] : [`With a wait of half a map ${percent(local.value / 100)} were local.`]),
    ...(faster === null
      ? []
      : [`A scan was ${ratio(faster.value)} as fast with it as on a static partition (paper: 1.67×).`]),
  ].join(' ');
}

function claimed({ claims }: ExperimentResult, id: string): Estimate | null {
  return claims.find((claim) => claim.id === id)?.ours ?? null;
}

/** A row beside that for real; none where virtual time was not run. */
function inVirtualTime(x: string, ours: Estimate | null): readonly ValueRow[] {
  return ours === null ? [] : [{ group: 'virtual', x, ours }];
}

/** Of medians: runs in virtual time differ little from each other. */
function speedUp(result: ExperimentResult, scenario: string): Estimate | null {
  const [slow, fast] = [STATIC.virtual, scenario].map((id) => estimateOf(result, id, JOB));
  return slow && fast
    ? { value: slow.value / fast.value, interval: null, n: Math.min(slow.n, fast.n) }
    : null;
}
