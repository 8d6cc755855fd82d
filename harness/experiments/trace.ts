import type { MapReduceJob, RigidJob } from '../../workloads/jobs.ts';
import { type Replay, type ReplayPart, swfReplay, swimReplay } from '../../workloads/replay.ts';
import { REMOTE_OVER_LOCAL } from '../../workloads/scan.ts';
import { jobTimes } from '../measure/jobTimes.ts';
import { localMaps } from '../measure/locality.ts';
import { type TraceJobs, traceShape } from '../measure/traceShape.ts';
import { readTraceFile, type TraceFile } from '../run/traceFile.ts';
import type { Experiment, Scenario } from './experiment.ts';
import type { VirtualFramework } from './virtualScenario.ts';

/** The paper's cluster. */
const CLUSTER = { slaves: 96, slotsPerSlave: 4 };
const SLOT = { cpus: 1, mem: 1024 };
/** Logs of queues are long. */
const LIMIT_MS = 366 * 86_400_000;

/** What a file is replayed as. */
interface Replayed {
  readonly frameworks: readonly VirtualFramework[];
  readonly rules: Replay<unknown>['rules'];
  readonly shape: TraceJobs;
}

function replayed(file: TraceFile): Replayed {
  switch (file.format) {
    case 'swim': {
      const { parts, rules } = swimReplay(file.jobs, CLUSTER);
      const { jobs } = file;
      return {
        frameworks: parts.map(hadoop),
        rules,
        shape: {
          submitS: jobs.map(({ submitS }) => submitS),
          sizes: jobs.map(
            ({ inputBytes, shuffleBytes, outputBytes }) => inputBytes + shuffleBytes + outputBytes,
          ),
          sizeUnit: 'bytes',
        },
      };
    }
    case 'swf': {
      const { parts, rules } = swfReplay(file.log, CLUSTER);
      const { jobs } = file.log;
      return {
        frameworks: parts.map(torque),
        rules,
        shape: {
          submitS: jobs.map(({ submitS }) => submitS),
          sizes: jobs.map(({ processors, runS }) => processors * runS),
          sizeUnit: 'processor seconds',
        },
      };
    }
    default:
      return file satisfies never;
  }
}

const hadoop = ({ name, jobs, partition }: ReplayPart<MapReduceJob>): VirtualFramework => ({
  kind: 'hadoop',
  ...{ name, partition },
  slot: SLOT,
  localityWaitMs: 5_000,
  remoteSlowdown: REMOTE_OVER_LOCAL.assumed,
  jobs: () => jobs,
});

const torque = ({ name, jobs, partition }: ReplayPart<RigidJob>): VirtualFramework => ({
  kind: 'mpi',
  ...{ name, partition },
  slot: SLOT,
  jobs: () => jobs,
});

/** The scenarios that a file makes. */
function scenariosOf(file: TraceFile): readonly Scenario[] {
  const { frameworks, rules, shape } = replayed(file);
  const parameters = { trace: file.name, 'SHA-256 of the trace': file.sha256 };
  const run = (system: 'mesos' | 'static', label: string): Scenario => ({
    kind: 'virtual',
    ...{ id: system, label, system, seeds: 1 },
    keep: 'values',
    measures: [jobTimes, ...(file.format === 'swim' ? [localMaps] : [])],
    parameters: { ...parameters, ...rules },
    cluster: {
      slaves: CLUSTER.slaves,
      slaveResources: { cpus: CLUSTER.slotsPerSlave, mem: 15 * 1024 },
      replication: 3,
      blocksOn: 'cluster',
      frameworks,
      limitMs: LIMIT_MS,
    },
  });
  return [
    {
      kind: 'trial',
      clock: 'virtual',
      id: 'shape',
      label: 'shape of the trace',
      seeds: 1,
      parameters,
      run: async () => traceShape(shape),
    },
    run('mesos', 'Mesos'),
    run('static', 'static partitions'),
  ];
}

/** The scenarios of the file that was asked for last: it is asked for often. */
let last: { readonly path: string; readonly scenarios: readonly Scenario[] } | undefined;

function scenariosAt(path: string): readonly Scenario[] {
  if (last?.path !== path) last = { path, scenarios: scenariosOf(readTraceFile(path)) };
  return last.scenarios;
}

/** Replays the trace of another cluster. */
export const trace: Experiment = {
  id: 'trace',
  title: 'The trace of another cluster, replayed',
  question: 'Do the jobs of a real cluster finish sooner on Mesos than on static partitions?',
  paper:
    'NSDI’11 §6.1 draws its jobs after those of Facebook. A SWIM trace has the jobs themselves, by the bytes that they moved; a log of the ' +
    'Standard Workload Format has those of a supercomputer’s queue.',
  claims: [],
  scenarios: [],
  input: {
    what: 'a SWIM trace or a log of the Standard Workload Format (.swf), packed by gzip or not',
    scenarios: scenariosAt,
  },
  caveats: [
    'A trace is brought to a cluster of 96 nodes with 4 slots each by rules, which are listed with each run. Gaps between jobs are all scaled by one ' +
      'factor, so that the work keeps half of the slots busy: how jobs bunch is the trace’s, how much the cluster has to do is not.',
    'Of MapReduce jobs only bytes are known: maps and reduces, and how long they take, are made of these. Rigid jobs run as long as they did, ' +
      'and are let in first come, first served.',
    'Small jobs have one framework and large ones another. The trace does not tell who shared the cluster; on static partitions each has slaves in ' +
      'proportion to its work, but at least an eighth.',
  ],
};
