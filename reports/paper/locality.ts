/** What the paper says of data locality (NSDI'11 §6.3, figure 8). */
import type { PaperClaim } from './claim.ts';

/** The paper's text and its figure disagree by 2 points, and it gives no spread. */
const LOCAL_TOLERANCE_POINTS = 3;
/** Part of a job time: what a remote read costs is not stated, and the paper gives no spread. */
const TIME_TOLERANCE = 0.1;

const WHERE = 'Figure 8';
/** Why it differs without a wait. */
const STICKY =
  'Without a wait, who loses a slot is first in line for it, so that slots stay and a job reads what is beside them. How far they move hangs on ' +
  'ties between equal shares, on how jobs start and on how often offers are made, of which the paper tells nothing: the ' +
  'scenarios no-wait-… show what each of these does, and the paper’s value lies among theirs.';
/** Why it differs with a wait. */
const LATE =
  'Not known. Nothing in the model hides a replica or slows a node down, and a task is launched for a given map. In the paper’s Hadoop it was given ' +
  'one at its node’s next heartbeat, up to 3 s later, when the local one could be gone.';
const REMOTE_COST =
  'Follows from the local maps and from what a remote read costs, which is assumed: see the band in the figure.';

/** Cases for real: the scenario, what it is, and the paper's local maps (%) and job time (s). */
const REAL = [
  ['netns-no-wait', 'if jobs take any slot', 50, 486],
  ['netns-wait-0.1s', 'if jobs wait 1 s, a tenth of a map', 92, 369],
  ['netns-wait-0.5s', 'if jobs wait 5 s, half a map', 97, 338],
] as const;
const [STATIC_LOCAL, STATIC_S] = [18, 565];
const REAL_CAVEAT =
  'Real processes on 8 machines that are namespaces, instead of 93; waits and maps a tenth as long. Sizes differ, so the direction is compared, not the number.';

/** The claims. What is measured on static partitions is what the model was calibrated on. */
export const LOCALITY_CLAIMS: readonly PaperClaim[] = [
  local(
    'static',
    'on static partitions',
    18,
    'A formula says as much: 1 - (1 - p/n)³ for a partition of p of n nodes.',
  ),
  local('no-wait', 'on Mesos if jobs take any slot', 50, 'Not in the text.', STICKY),
  local('wait-1s', 'on Mesos if jobs wait 1 s', 92, 'More than 90% in the text.', LATE),
  local('wait-5s', 'on Mesos if jobs wait 5 s', 97, '95% in the text.', LATE),
  time('static', 'on a static partition', 565, 'Calibrated on this number: it is no prediction.'),
  time('no-wait', 'on Mesos if jobs take any slot', 486, REMOTE_COST, `More maps are local. ${STICKY}`),
  time(
    'wait-1s',
    'on Mesos if jobs wait 1 s',
    369,
    REMOTE_COST,
    'More maps are local, and a remote map is taken to cost 2×: the paper’s value lies in the band of the figure.',
  ),
  time('wait-5s', 'on Mesos if jobs wait 5 s', 338, REMOTE_COST),
  {
    id: 'locality-speed-up',
    label: 'static over 5 s wait',
    claim: 'A scan takes 1.67 times as long on a static partition as on Mesos with a wait of 5 s.',
    value: 1.67,
    unit: '×',
    where: WHERE,
    direction: 'higher',
    tolerance: 0.17,
    quantity: { of: 'ratio', scenario: 'static', over: 'wait-5s', value: 'job time (s)' },
    caveat: REMOTE_COST,
  },
  ...REAL.flatMap(([scenario, how, local, jobS]) => [
    moreLocal(scenario, how, local),
    faster(scenario, how, jobS),
  ]),
];

function local(
  scenario: string,
  how: string,
  value: number,
  caveat: string,
  explanation?: string,
): PaperClaim {
  return {
    id: `locality-local-${scenario}`,
    label: `local maps, ${scenario}`,
    claim: `${value}% of the maps read a local block ${how}.`,
    value,
    unit: '%',
    where: WHERE,
    tolerance: LOCAL_TOLERANCE_POINTS,
    quantity: { of: 'value', scenario, value: 'local maps (%)' },
    caveat,
    ...(explanation !== undefined && { explanation }),
  };
}

function moreLocal(scenario: string, how: string, local: number): PaperClaim {
  return {
    id: `locality-real-local-${scenario}`,
    label: `local maps, real, ${scenario}`,
    claim: `${local - STATIC_LOCAL} points more of the maps read a local block on Mesos ${how} than on static partitions.`,
    value: local - STATIC_LOCAL,
    unit: 'points',
    where: WHERE,
    direction: 'higher',
    clock: 'real',
    tolerance: 0,
    quantity: { of: 'difference', scenario, minus: 'netns-static', value: 'local maps (%)' },
    caveat: REAL_CAVEAT,
  };
}

function faster(scenario: string, how: string, jobS: number): PaperClaim {
  const value = Math.round((100 * STATIC_S) / jobS) / 100;
  return {
    id: `locality-real-speed-up-${scenario}`,
    label: `static over Mesos, real, ${scenario}`,
    claim: `A scan takes ${value} times as long on a static partition as on Mesos ${how}.`,
    value,
    unit: '×',
    where: WHERE,
    direction: 'higher',
    clock: 'real',
    tolerance: 0,
    quantity: { of: 'ratio', scenario: 'netns-static', over: scenario, value: 'job time (s)' },
    caveat: REAL_CAVEAT,
  };
}

function time(
  scenario: string,
  how: string,
  value: number,
  caveat: string,
  explanation?: string,
): PaperClaim {
  return {
    id: `locality-time-${scenario}`,
    label: `job time, ${scenario}`,
    claim: `A scan takes ${value} s ${how}.`,
    value,
    unit: 's',
    where: WHERE,
    tolerance: Math.round(TIME_TOLERANCE * value),
    quantity: { of: 'value', scenario, value: 'job time (s)' },
    caveat,
    ...(explanation !== undefined && { explanation }),
  };
}
