/** A MapReduce job, or a chain of them, from its input to its output. */
import * as v from 'valibot';
import type { Block } from '../../../frameworks/files/block.ts';
import { spaceOf } from '../../../frameworks/files/storedFile.ts';
import type { HadoopJob } from '../../../frameworks/hadoop/job.ts';
import { formatBytes } from '../byteSize.ts';
import { FRAMEWORKS } from '../frameworks.ts';
import { readLocation } from './location.ts';
import { deliver, type EndedJob, PartsSchema } from './storeOutput.ts';
import { type Input, type StoreFlags, storeSubmission } from './storeSession.ts';
import type { Submission } from './submission.ts';
import { executorCommand, nameOf, type OwnFlags, slotOf } from './submitting.ts';

/** Flags of all MapReduce jobs. */
export interface HadoopFlags extends OwnFlags, StoreFlags {
  readonly namenode: string;
  readonly output: string;
  readonly reduces: number;
  /** In milliseconds. */
  readonly locality_wait?: number;
  readonly speculation: 'off' | 'hadoop' | 'late';
}

/** A job to be. */
export interface HadoopWork {
  readonly kind: string;
  readonly flags: HadoopFlags;
  readonly inputs: readonly Input[];
  /** What is to run on the blocks of these inputs: one job, or a chain of them of which the last has the output. */
  jobs(id: string, blocks: readonly (readonly Block[])[]): readonly HadoopJob[];
}

/** Makes a submission of it. Throws, in one sentence, what is wrong with the command line. */
export function hadoopSubmission({ kind, flags, inputs, jobs: jobsOn }: HadoopWork): Submission {
  const output = readLocation('--output', flags.output);
  return storeSubmission({
    flags,
    inputs,
    output,
    async prepare(session) {
      const { nodes, scratch, blocks } = session;
      const id = nameOf(flags, kind);
      const slot = slotOf(flags);
      const jobs = jobsOn(id, blocks);
      const [job, ...more] = jobs;
      const executor = { command: executorCommand(flags, 'hadoop') };
      const framework = await FRAMEWORKS.hadoop(
        {
          ...{ name: id, jobs, slot, executor, nodes },
          localityWaitMs: flags.locality_wait ?? 0,
          speculation: { policy: flags.speculation },
        },
        {},
      );
      let space = '';
      return {
        ...framework,
        hosts: Object.keys(nodes),
        // A queue is sent one at a time.
        ...(job !== undefined && more.length === 0 && { job }),
        async registered(frameworkId, whose) {
          space = spaceOf(frameworkId);
          await scratch.note(space, whose === 'own' ? undefined : id);
        },
        async collect(result) {
          const ended = v.parse(PartsSchema, result);
          const { lines, json } = await deliver({ session, flags, output, space, job: ended });
          return { lines: [...lines, ...(more.length === 0 ? whereFrom(ended) : [])], json };
        },
        cleanUp: async () => [],
      };
    },
  });
}

function whereFrom({ counters }: EndedJob): readonly string[] {
  const { localMaps = 0, remoteMaps = 0, mapInputBytes } = counters ?? {};
  if (mapInputBytes === undefined) return [];
  const maps = localMaps + remoteMaps;
  return [
    `from ${formatBytes(mapInputBytes)} by ${maps} ${maps === 1 ? 'map' : 'maps'}, ${localMaps} of them local`,
  ];
}
