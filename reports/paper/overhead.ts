/** What the paper reports of the cost of Mesos to a framework alone (NSDI'11 §6.2). */
import type { PaperClaim } from './claim.ts';

const CAVEAT =
  'The paper’s jobs took one to three minutes on 50 machines; ours take seconds on two that are namespaces of one. Pairs of runs count, each as one.';

/** Jobs, and by how many per cent they take longer on Mesos. */
const MEASURED = [
  ['LINPACK', 1.8, 'LINPACK on MPI takes 1.8% longer on Mesos: 51.8 s instead of 50.9 s.'],
  ['WordCount', 3.75, 'WordCount on Hadoop takes 3.75% longer on Mesos: 166 s instead of 160 s.'],
] as const;

/** The claims. */
export const OVERHEAD_CLAIMS: readonly PaperClaim[] = MEASURED.flatMap(([name, value, claim]) => {
  const common = {
    unit: '%',
    where: '§6.2',
    clock: 'real',
    quantity: { of: 'samples', scenario: 'jobs', samples: `${name} overhead (%)` },
    caveat: CAVEAT,
  } as const;
  const id = `overhead-${name.toLowerCase()}`;
  return [
    { ...common, id, label: `${name}, overhead`, claim, value, tolerance: 2 },
    {
      ...common,
      id: `${id}-bound`,
      label: `${name}, overhead below 4%`,
      claim: `${name} takes less than 4% longer on Mesos.`,
      value: 4,
      bound: 'at-most',
      tolerance: 0,
    },
  ];
});
