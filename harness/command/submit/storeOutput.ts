/** The parts of a job's output on their way from the nodes to where the user wants them. */
import * as v from 'valibot';
import { formatBytes } from '../byteSize.ts';
import { checkStoreOutput, WHOLE } from './earlierOutput.ts';
import { writeOutput } from './localOutput.ts';
import { type Location, locationText } from './location.ts';
import type { StoreFlags, StoreSession } from './storeSession.ts';
import type { Collected } from './submission.ts';

/** What is told of a job that has written parts: by Hadoop and Dryad alike. */
export const PartsSchema = v.object({
  id: v.string(),
  outcome: v.string(),
  counters: v.exactOptional(v.record(v.string(), v.number())),
  parts: v.array(
    v.object({
      name: v.string(),
      hosts: v.array(v.string()),
      bytes: v.number(),
      file: v.exactOptional(v.string()),
    }),
  ),
});
/** A job that has ended. */
export type EndedJob = v.InferOutput<typeof PartsSchema>;

/** What is to be delivered. */
export interface Delivery {
  readonly session: StoreSession;
  readonly flags: StoreFlags;
  readonly output: Location;
  /** The framework's, among the files of the nodes. */
  readonly space: string;
  readonly job: EndedJob;
}

/** Brings the output where it is wanted. It is there whole, or not at all. */
export async function deliver({ session, flags, output, space, job }: Delivery): Promise<Collected> {
  const { dfs, scratch, surroundings } = session;
  const { id: jobId, outcome, parts, counters } = job;
  const overwrite = flags.overwrite ?? false;
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const folder = `${scratch.path}/output`;
  if (output.is === 'dfs') {
    const { replication } = flags;
    await dfs.adopt(folder, { space, jobId, parts }, replication === undefined ? {} : { replication });
    await dfs.write(`${folder}/${WHOLE}`, []);
    const isThere = await checkStoreOutput(dfs, output, overwrite);
    if (isThere) await dfs.remove(output.path, { recursive: true });
    await dfs.rename(folder, output.path);
  } else {
    await dfs.adopt(folder, { space, jobId, parts }, { replication: 1 });
    const bar = surroundings.start(`output to ${output.path}`);
    let read = 0;
    const counted = async function* (name: string): AsyncGenerator<Buffer> {
      for await (const chunk of dfs.read(`${folder}/${name}`)) {
        read += chunk.length;
        bar.report(read, Math.max(1, bytes), formatBytes(read));
        yield chunk;
      }
    };
    await writeOutput(
      output.path,
      parts.map(({ name }) => ({ name, read: () => counted(name) })),
      { overwrite, signal: surroundings.interruption.signal },
    ).catch((error: Error) => {
      bar.end('failed');
      throw error;
    });
    bar.end(formatBytes(read));
  }
  const place = locationText(output);
  return {
    lines: [`${place}: ${parts.length} ${parts.length === 1 ? 'part' : 'parts'}, ${formatBytes(bytes)}`],
    json: {
      job: { id: jobId, outcome, counters },
      output: place,
      parts: parts.map(({ name, bytes }) => ({ name, bytes })),
    },
  };
}
