/** A job's stages as a graph of vertices. Talks to nobody. */
import type { Block } from '../files/block.ts';
import { type Connection, countVertices, type DryadJob, type Stage } from './job.ts';
import { partName, type VertexData, type VertexReport } from './vertexData.ts';

/** All channels of one connection that end at a vertex, in the order of the vertices that they come from. */
export interface Input {
  readonly connection: Connection;
  /** Which of the outputs of those vertices it is. */
  readonly output: number;
  readonly partition: number;
  readonly first: number;
  readonly from: readonly Vertex[];
}

/** A vertex, through all its attempts. */
export interface Vertex {
  readonly stage: Stage;
  readonly index: number;
  readonly block: Block | undefined;
  readonly inputs: readonly Input[];
  /** Partitions of each output. */
  readonly outputs: readonly number[];
  /** If it has none: which part of the job's output it writes. */
  readonly part: number | undefined;
  /** Vertices that read what it writes. */
  readonly consumers: Vertex[];
  state: /** Some of its inputs are not there. */
    | { readonly is: 'waiting' }
    | { readonly is: 'ready' }
    | { readonly is: 'running' }
    | { readonly is: 'finished'; readonly host: string; readonly report: VertexReport };
  failures: number;
  attempts: number;
}

/** The vertices of a job, each after those that it reads. */
export function expand(job: DryadJob): readonly Vertex[] {
  const stages = new Map<string, readonly Vertex[]>();
  let parts = 0;
  for (const stage of job.stages) {
    const outputs = outputsOf(stage, job);
    const vertices = Array.from({ length: countVertices(stage) }, (_, index): Vertex => {
      const inputs = stage.inputs.map((connection) => inputOf(stage, index, connection, job, stages));
      const block = stage.input?.[index];
      const state = { is: inputs.length === 0 ? 'ready' : 'waiting' } as const;
      const part = outputs.length === 0 ? parts++ : undefined;
      return { stage, index, block, inputs, outputs, part, consumers: [], state, failures: 0, attempts: 0 };
    });
    for (const vertex of vertices)
      for (const { from } of vertex.inputs) for (const each of from) each.consumers.push(vertex);
    stages.set(stage.id, vertices);
  }
  return [...stages.values()].flat();
}

/** All connections that read a stage, with the stage that they lead to; their order is that of its outputs. */
function readersOf(
  stage: Stage,
  job: DryadJob,
): readonly { readonly to: Stage; readonly connection: Connection }[] {
  return job.stages.flatMap((to) =>
    to.inputs.flatMap((connection) => (connection.stage === stage.id ? [{ to, connection }] : [])),
  );
}

function outputsOf(stage: Stage, job: DryadJob): readonly number[] {
  return readersOf(stage, job).map(({ to, connection }) =>
    connection.connect === 'complete' ? countVertices(to) : 1,
  );
}

function inputOf(
  stage: Stage,
  index: number,
  connection: Connection,
  job: DryadJob,
  stages: ReadonlyMap<string, readonly Vertex[]>,
): Input {
  const upstream = stages.get(connection.stage) ?? [];
  const from = job.stages.find(({ id }) => id === connection.stage) as Stage;
  const output = readersOf(from, job).findIndex((reader) => reader.connection === connection);
  const all = { connection, output, partition: 0, first: 0, from: upstream };
  switch (connection.connect) {
    case 'broadcast':
      return all;
    case 'complete':
      return { ...all, partition: index };
    case 'pointwise': {
      const per = upstream.length / countVertices(stage);
      const first = Math.ceil(index * per);
      return { ...all, first, from: upstream.slice(first, Math.ceil((index + 1) * per)) };
    }
    default:
      return connection.connect satisfies never;
  }
}

/** Have all vertices finished whose output it reads? */
export function hasInputs({ inputs }: Vertex): boolean {
  return inputs.every(({ from }) => from.every(({ state }) => state.is === 'finished'));
}

/** The hosts beside whose data a vertex should run; none if one is as good as another. */
export function preferredHosts({ block, inputs }: Vertex): readonly string[] {
  if (block !== undefined) return block.hosts;
  const bytesByHost = new Map<string, number>();
  let total = 0;
  for (const { connection, from } of inputs)
    for (const { state, outputs } of from) {
      if (state.is !== 'finished') continue;
      // Of a complete connection it reads one of many partitions.
      const shares = connection.connect === 'complete' ? Math.max(...outputs) : 1;
      const bytes = Math.max(1, state.report.outputBytes / shares);
      total += bytes;
      bytesByHost.set(state.host, (bytesByHost.get(state.host) ?? 0) + bytes);
    }
  return [...bytesByHost].flatMap(([host, bytes]) => (2 * bytes >= total ? [host] : []));
}

/** The name of a vertex, unique in its framework. */
export function vertexName(jobId: string, { stage, index }: Vertex): string {
  return `${jobId}_${stage.id}_${index}`;
}

/** What an executor is told of a vertex whose inputs have all been written. */
export function vertexData(
  jobId: string,
  { stage, index, block, inputs, outputs, part }: Vertex,
): VertexData {
  const places = new Map<string, number>();
  const placeOf = (host: string): number => {
    const place = places.get(host) ?? places.size;
    places.set(host, place);
    return place;
  };
  const read = inputs.map(({ connection, output, partition, first, from }) => ({
    stage: connection.stage,
    output,
    partition,
    first,
    places: from.flatMap(({ state }) => (state.is === 'finished' ? [placeOf(state.host)] : [])),
  }));
  return {
    jobId,
    stage: stage.id,
    index,
    program: stage.program,
    ...(block !== undefined && { block }),
    hosts: [...places.keys()],
    inputs: read,
    outputs: [...outputs],
    ...(part !== undefined && { part: partName(part) }),
  };
}
