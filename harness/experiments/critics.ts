import { gangs } from './critics/gangs.ts';
import { grain } from './critics/grain.ts';
import { idleManners, refusals } from './critics/idleFrameworks.ts';
import { offerOrder } from './critics/offerOrder.ts';
import { slowSchedulers } from './critics/slowSchedulers.ts';
import { taskLengths } from './critics/taskLengths.ts';
import type { Experiment } from './experiment.ts';

/** What later work found to be wrong with offers, on our own system. */
export const critics: Experiment = {
  id: 'critics',
  title: 'What critics found',
  question:
    'Where do resource offers break down: with slow schedulers, with many idle frameworks, with short tasks, with gangs, with coarse grain?',
  paper:
    'NSDI’11 expects short tasks and quick answers (§3.3, §3.5, §4.5) and measures none of this. Omega (EuroSys’13 §3.3 and §4.2) and ' +
    'others did, in simulations and on clusters of their own.',
  claims: [],
  scenarios: [
    ...slowSchedulers,
    ...refusals,
    ...idleManners,
    ...taskLengths,
    ...grain,
    ...gangs,
    ...offerOrder,
  ],
  caveats: [
    'The set-ups follow those of the critics only in outline: small clusters, synthetic jobs, at most an hour and a half of virtual time. ' +
      'What can be compared is the direction and the cause, not the number.',
    'In virtual time the master takes no time to compute, and messages take 0.25 to 0.5 ms.',
  ],
};
