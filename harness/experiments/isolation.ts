import { ISOLATION_CLAIMS } from '../../reports/paper/isolation.ts';
import { type IsolationPlan, measureIsolation } from '../trials/isolation.ts';
import type { Experiment, TrialScenario } from './experiment.ts';

const WEB: IsolationPlan['web'] = { processes: 8, resources: { cpus: 1, mem: 1024 } };
const PER_SECOND = 3;
/** The paper's number of processes. */
const HOG_PROCESSES = 256;
const HOG_RESOURCES = { cpus: 1, mem: 512 };
const REQUESTS = 20;
const BLOCKS = 3;

/** How well containers keep a web application from a neighbour that takes all it can get (NSDI'11 §6.7). */
export const isolation: Experiment = {
  id: 'isolation',
  title: 'A web application beside a hog',
  question:
    'By how much does a web application slow down when another framework’s task on the same slave spins with hundreds of processes, ' +
    'with containers and without?',
  paper:
    'NSDI’11 §6.7 ran MediaWiki on Apache beside a hog of 256 spinning processes: with Linux containers requests took 30% longer ' +
    'than without the hog, without containers 550% longer.',
  claims: ISOLATION_CLAIMS,
  scenarios: [
    scenario('cgroups', 'In control groups', { isolation: 'cgroups', sessions: 'each' }),
    scenario('none', 'Not isolated', { isolation: 'process', sessions: 'each' }),
    scenario('sessions', 'Not isolated, the hog one session', { isolation: 'process', sessions: 'one' }),
  ],
  caveats: [
    'Real processes on one machine: a master, a slave, and two frameworks whose only tasks are the web application and the hog. The ' +
      'web application is a small one of ours, in 8 processes, that renders a page in some 5 ms; 3 pages a second are asked for, at even ' +
      'intervals, and each is timed from when it was to be asked for. A window has 20 requests.',
    'The web application and the hog hold one CPU each. Without containers that is mere book-keeping.',
    'Who sends the requests runs on the same processors, with real-time priority if it may. So do master, slave, schedulers and executors ' +
      'where nothing isolates the hog: without that it starves them, and the slave is lost with all that it runs.',
    'Linux has shared processors out among sessions before it shares them out among processes since 2.6.38, unless told otherwise, and ' +
      'a crowd of processes in one session counts for one. The paper’s kernel did not. So that each process counts for itself as it did ' +
      'then, each is a session of its own; but for the last scenario, where all of the hog is one.',
    'While a hog spins that is not isolated, everything on the machine is slow.',
  ],
};

function scenario(
  id: string,
  label: string,
  { isolation, sessions }: Pick<IsolationPlan, 'isolation'> & Pick<IsolationPlan['hog'], 'sessions'>,
): TrialScenario {
  const plan: IsolationPlan = {
    isolation,
    web: WEB,
    hog: { processes: HOG_PROCESSES, sessions, resources: HOG_RESOURCES },
    perSecond: PER_SECOND,
    warmUpRequests: 400,
    requests: REQUESTS,
    blocks: BLOCKS,
    settleMs: 500,
  };
  return {
    kind: 'trial',
    clock: 'real',
    isLarge: true,
    id,
    label,
    seeds: 1,
    parameters: {
      'processes of the hog': HOG_PROCESSES,
      'sessions of the hog': sessions === 'each' ? HOG_PROCESSES : 1,
      'processes of the web application': WEB.processes,
      'requests (1/s)': PER_SECOND,
      'requests in a window': REQUESTS,
      'windows of each kind': 2 * BLOCKS,
    },
    run: (trial) => measureIsolation(plan, trial),
  };
}
