/** A made-up experiment of many scenarios that give values and curves: for testing the page, and for nothing else. */
import type { CellResult, ExperimentResult } from '../../harness/result.ts';
import type { PaperClaim } from '../paper/claim.ts';
import { judgeClaims } from '../paper/measured.ts';
import { failedCell, valuesCell } from '../results/testCells.ts';

const SLAVES = [1000, 10_000, 50_000] as const;
const SEEDS = [1, 2, 3] as const;
const DELAY = 'launch delay (ms)';
const MESSAGES = 'messages (1/s)';

const CLAIMS: readonly PaperClaim[] = [
  {
    id: 'sweep-delay-50000',
    label: 'delay at 50,000 slaves',
    claim: 'With 50,000 slaves a task starts in less than a second.',
    value: 1000,
    unit: 'ms',
    where: 'Figure 10',
    bound: 'at-most',
    tolerance: 0,
    quantity: { of: 'value', scenario: 'slaves-50000', value: DELAY },
    caveat: 'The paper had 99 machines.',
  },
  {
    id: 'sweep-growth',
    label: 'growth from 1,000 to 50,000 slaves',
    claim: 'The delay grows by less than the number of slaves.',
    value: 3,
    unit: '×',
    where: 'Figure 10',
    direction: 'higher',
    tolerance: 0.5,
    quantity: { of: 'ratio', scenario: 'slaves-50000', over: 'slaves-1000', value: DELAY },
    caveat: 'Read off the figure.',
    explanation: 'Here the number of messages decides, not the number of slaves.',
  },
  {
    id: 'sweep-formula',
    label: 'share of short tasks',
    claim: 'A framework gets half of the slots.',
    value: 50,
    unit: '%',
    where: '§4.2',
    deterministic: true,
    tolerance: 2,
    quantity: { of: 'value', scenario: 'formula', value: 'share (%)' },
    caveat: 'A pure computation.',
  },
  {
    id: 'sweep-absent',
    label: 'delay at 100,000 slaves',
    claim: 'Nothing is said of 100,000 slaves.',
    value: 10,
    unit: 's',
    where: '§6.6',
    clock: 'emulated',
    tolerance: 1,
    quantity: { of: 'value', scenario: 'slaves-100000', value: DELAY },
    caveat: '',
  },
];

/** Emulated runs of three sizes, a computation, one failure and one scenario that was left out. */
export function sampleSweep(): ExperimentResult {
  const cells: readonly CellResult[] = [
    ...SLAVES.flatMap((slaves) => SEEDS.map((seed) => sized(slaves, seed))),
    valuesCell({ scenario: 'formula', values: { 'share (%)': 50.4 } }),
    failedCell('slaves-70000', 1, 'The kernel gave out no more ports.'),
  ];
  return {
    experiment: {
      id: 'sweep',
      title: 'A sweep: launch delay by number of slaves',
      question: 'Does the master keep up when there are many slaves?',
      paper: 'NSDI’11 §6.6 emulated up to 50,000 slaves on 99 machines.',
    },
    cells,
    claims: judgeClaims(CLAIMS, cells),
    caveats: ['Slaves share processes, and their tasks sleep.'],
    left: [
      {
        label: '100,000 slaves',
        clock: 'emulated',
        command: 'npx lab run sweep --scenario slaves-100000',
      },
    ],
  };
}

function sized(slaves: number, seed: number): CellResult {
  const delayMs = 8 + slaves / 4000 + seed / 2;
  const x = [0, 10, 20, 30];
  return valuesCell({
    scenario: `slaves-${slaves}`,
    clock: 'emulated',
    seed,
    values: { [DELAY]: delayMs, [MESSAGES]: slaves / 3 },
    curves: { 'launches (1/s)': { x, y: x.map((at) => (at * slaves) / 1000 / seed) } },
    parameters: { slaves },
  });
}
