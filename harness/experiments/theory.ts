import { THEORY_CLAIMS } from '../../reports/paper/theory.ts';
import type { Experiment } from './experiment.ts';
import { longTaskScenarios } from './theory/longTasks.ts';
import { preferenceScenarios } from './theory/preferences.ts';
import { shortTaskScenarios } from './theory/shortTasks.ts';
import { table2Scenarios } from './theory/table2.ts';
import { taskSizeScenarios } from './theory/taskSizes.ts';

/** The paper's model of fine-grained sharing, held against the real master, slaves and schedulers (NSDI'11 §4). */
export const theory: Experiment = {
  id: 'theory',
  title: 'What theory says of sharing by offers',
  question:
    'How long does a framework wait for its share, what does it make of it, and what stands in its way?',
  paper:
    'NSDI’11 §4 answers by formulas, for a framework that comes to a cluster that others fill: table 2 has its ramp-up time, the time that its ' +
    'job takes, and how much of what it holds it uses. Beside that it treats preferences for slots, long tasks beside short ones, ' +
    'large tasks beside small ones, and what does not fit.',
  claims: THEORY_CLAIMS,
  scenarios: [
    ...table2Scenarios(),
    ...longTaskScenarios(),
    ...preferenceScenarios(),
    ...taskSizeScenarios(),
    ...shortTaskScenarios(),
  ],
  caveats: [
    'The paper proves and does not measure here: its formulas are held against the real master, slaves, schedulers and allocation modules in ' +
      'virtual time. T, the mean length of others’ tasks, is 100 s; messages take fractions of a millisecond.',
    'Steady state of table 2: the cluster has k slots, which others keep busy; a newcomer that comes first for them (strict priority) ' +
      'arrives, does its job, leaves, and comes again when nothing is left of its last visit. With exponential lengths nothing ever is; ' +
      'with constant ones each slot first gets a task of a random part of T, so that slots become free evenly over T.',
    'The paper lets an elastic job’s last tasks end together. Ours end within an eighth of T (β = 1) or half a T (β = 10), the length of its ' +
      'tasks; how much longer it takes with tasks as long as T is shown beside it.',
  ],
};
