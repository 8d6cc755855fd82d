/** What is shown of runs of Mesos and of static partitions on one clock. */
import type { CellResult, ExperimentResult } from '../../harness/result.ts';
import { endingsFigure } from '../figures/endings.ts';
import { jobTimesFigure } from '../figures/jobTimes.ts';
import { localityFigure } from '../figures/locality.ts';
import { offerFlowFigure } from '../figures/offerFlow.ts';
import { sharesFigure } from '../figures/shares.ts';
import { slowdownsFigure } from '../figures/slowdowns.ts';
import { speedUpsFigure } from '../figures/speedUps.ts';
import { stackedSharesFigure } from '../figures/stackedShares.ts';
import { taskTimelineFigure } from '../figures/taskTimeline.ts';
import { utilisationFigure } from '../figures/utilisation.ts';
import type { Html } from '../page/html.ts';
import type { ClockRuns } from '../results/clockRuns.ts';
import { exactCommands } from '../results/commands.ts';
import { count, exact } from '../words.ts';
import * as findings from './runFindings.ts';
import { sharesTable, sumsTable } from './runTables.ts';
import type { Topic } from './topic.ts';

/** The topics of the runs of Mesos and static partitions on one clock. */
export function runsTopics(runs: ClockRuns, result: ExperimentResult): readonly Topic[] {
  const { clock, shown } = runs;
  const one = shown === null ? '' : `The chart shows seed ${shown.seed}.`;
  const step = shown?.mesos?.utilisation.cpus.stepS ?? shown?.static?.utilisation.cpus.stepS ?? null;
  const steps = step === null ? '' : `Values are means over steps of ${exact(step)} s.`;
  const n = runs.pairs.filter((pair) => pair.mesos !== null && pair.static !== null).length;
  const over =
    n === 0 ? '' : n === 1 ? 'There is one seed only.' : `Tables give medians over ${count(n, 'seed')}.`;
  const pair = [shown?.mesos, shown?.static].filter((cell) => cell != null);
  const ofAll = { again: commandsOf(result, runs.cells) };
  const ofOne = { again: commandsOf(result, pair) };
  return [
    {
      ...ofAll,
      id: `${clock}-shares`,
      title: 'Shares over time',
      question:
        'Does a framework get more than its static share while others are idle? (Figure 5 of the paper)',
      figures: [sharesFigure(runs)],
      finding: findings.sharesFinding(runs),
      caveat: `${one} ${steps} A share counts CPUs that tasks hold, busy or not.`,
      tables: some(sharesTable(runs)),
    },
    {
      ...ofOne,
      id: `${clock}-division`,
      title: 'The whole cluster',
      question: 'How was the whole cluster divided at each moment? (Figure 6 of the paper)',
      figures: [stackedSharesFigure(runs)],
      finding: findings.stackedFinding(runs),
      caveat: `${one} Empty space is CPUs that no task held.`,
      tables: [],
    },
    {
      ...ofAll,
      id: `${clock}-utilisation`,
      title: 'Utilisation',
      question: 'Are the machines better used? (Figure 7 of the paper)',
      figures: [utilisationFigure(runs)],
      finding: findings.utilisationFinding(runs),
      caveat: `${one} ${over} Means cover each run until its last job ended; the paper’s cover the first 1,600 s.`,
      tables: [],
    },
    {
      ...ofAll,
      id: `${clock}-speed-up`,
      title: 'Job times',
      question: 'Does the same job end sooner on Mesos? (Tables 4 and 5 of the paper)',
      figures: [speedUpsFigure(runs)],
      finding: findings.speedUpFinding(runs),
      caveat:
        `${over} Each job is compared with itself: same seed, same work, on both systems. Times count from the intended ` +
        'submission. Jobs that did not finish on both systems are left out, and counted in the table.',
      tables: some(sumsTable(runs)),
    },
    {
      ...ofAll,
      id: `${clock}-distribution`,
      title: 'Distribution of job times',
      question: 'How long do jobs take, from the shortest to the longest?',
      figures: [jobTimesFigure(runs), slowdownsFigure(runs)],
      finding: findings.jobTimesFinding(runs),
      caveat: `${one} The higher curve ends its jobs sooner. A median is named only for 20 jobs or more.`,
      tables: [],
    },
    {
      ...ofAll,
      id: `${clock}-locality`,
      title: 'Locality',
      question: 'Do maps run where their data is?',
      figures: [localityFigure(runs)],
      finding: findings.localityFinding(runs),
      caveat:
        'A map counts as local if a copy of its block lies on the slave that ran it. What a remote read costs is a matter of ' +
        'the model or of the machine: see the caveats.',
      tables: [],
    },
    {
      ...ofOne,
      id: `${clock}-endings`,
      title: 'Offers and tasks',
      question:
        'What became of the offers, and of the tasks? An offer is free resources of a slave, held out to one framework.',
      figures: [endingsFigure(runs), offerFlowFigure(runs)],
      finding: findings.endingsFinding(runs),
      caveat: `${one} Static partitions have no offers.`,
      tables: [],
    },
    {
      ...ofOne,
      id: `${clock}-timeline`,
      title: 'Tasks by slave',
      question: 'Which framework ran tasks on which slave, and when?',
      figures: [taskTimelineFigure(runs)],
      finding: findings.timelineFinding(runs),
      caveat: `${one} A slave has as many slots as it ran tasks at once.`,
      tables: [],
    },
  ];
}

function some(table: Html | null): readonly Html[] {
  return table === null ? [] : [table];
}

function commandsOf(result: ExperimentResult, cells: readonly CellResult[]): readonly string[] {
  const scenarios = new Set(cells.map(({ provenance }) => provenance.scenario));
  return exactCommands({ ...result, cells }, [...scenarios]);
}
