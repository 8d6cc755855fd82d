/** `lab submit dryad`: a graph of vertices, from a file. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import * as v from 'valibot';
import { spaceOf } from '../../../frameworks/files/storedFile.ts';
import { usageError } from '../exit.ts';
import { duration } from '../flagValues.ts';
import { FRAMEWORKS } from '../frameworks.ts';
import { type Location, readLocation } from './location.ts';
import { deliver, PartsSchema } from './storeOutput.ts';
import { type StoreFlags, storeSubmission, withOutput, withStore } from './storeSession.ts';
import type { Submission } from './submission.ts';
import { executorCommand, nameOf, type OwnFlags, slotOf, submitting } from './submitting.ts';

interface DryadFlags extends OwnFlags, StoreFlags {
  readonly namenode: string;
  readonly input: Readonly<Record<string, Location>>;
  readonly output: string;
  /** In milliseconds. */
  readonly locality_wait?: number;
}

/** The command. */
export const dryadCommand = submitting<DryadFlags>(
  withOutput(withStore(new Command('dryad')))
    .description('a graph of vertices with channels between them')
    .argument(
      '<graph>',
      'JSON file with the stages, {"stages": […]}; those that read blocks have no input in it',
    )
    .option(
      '--input <stage=path>',
      'what a stage reads: a file, folder or pattern of this machine, or dfs:/path; may be repeated',
      stageInput,
      {},
    )
    .option(
      '--locality_wait <duration>',
      'how long to wait for a slave that has the data (default: not at all)',
      duration('--locality_wait'),
    ),
  (flags, [graph]) => dryadSubmission(flags, readGraph(String(graph))),
);

const GraphSchema = v.object({ stages: v.array(v.looseObject({ id: v.string() })) });
type Graph = v.InferOutput<typeof GraphSchema>;

function dryadSubmission(flags: DryadFlags, graph: Graph): Submission {
  const output = readLocation('--output', flags.output);
  const names = Object.keys(flags.input);
  const unknown = names.find((name) => !graph.stages.some(({ id }) => id === name));
  if (unknown !== undefined) throw usageError(`--input: the graph has no stage '${unknown}'`);
  return storeSubmission({
    flags,
    inputs: Object.values(flags.input).map((location) => ({ locations: [location] })),
    output,
    async prepare(session) {
      const { nodes, scratch, blocks } = session;
      const id = nameOf(flags, 'dryad');
      const slot = slotOf(flags);
      const stages = graph.stages.map((stage) => {
        const input = blocks[names.indexOf(stage.id)];
        return input === undefined ? stage : { ...stage, input };
      });
      const executor = { command: executorCommand(flags, 'dryad') };
      const job = { id, stages };
      const config = {
        name: id,
        jobs: [job],
        slot,
        executor,
        nodes,
        localityWaitMs: flags.locality_wait ?? 0,
      };
      const framework = await FRAMEWORKS.dryad(config, {}).catch((error: Error) => {
        throw usageError(error.message);
      });
      let space = '';
      return {
        ...framework,
        hosts: Object.keys(nodes),
        job,
        async registered(frameworkId, whose) {
          space = spaceOf(frameworkId);
          await scratch.note(space, whose === 'own' ? undefined : id);
        },
        collect: (result) => deliver({ session, flags, output, space, job: v.parse(PartsSchema, result) }),
        cleanUp: async () => [],
      };
    },
  });
}

function readGraph(file: string): Graph {
  try {
    return v.parse(GraphSchema, JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw usageError(`the graph ${file} cannot be read: ${(error as Error).message}`);
  }
}

function stageInput(text: string, before: DryadFlags['input']): DryadFlags['input'] {
  const [, stage, path] = /^(\w+)=(.+)$/.exec(text) ?? [];
  if (stage === undefined || path === undefined)
    throw usageError(`--input must be STAGE=PATH, not '${text}'`);
  return { ...before, [stage]: readLocation('--input', path) };
}
