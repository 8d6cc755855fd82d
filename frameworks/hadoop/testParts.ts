/** For tests: what jobs wrote, read from the nodes. */
import { FileClient } from '../files/fileClient.ts';
import { partPath } from '../files/storedFile.ts';
import type { FrameworkFiles } from './jobFiles.ts';
import type { OutputPart } from './jobSummary.ts';

/**
 * Reads a part of a job's output, from any node that holds it. Rejects with the last error if none gives it.
 */
export async function readPart(files: FrameworkFiles, jobId: string, part: OutputPart): Promise<Buffer> {
  const client = new FileClient(files.secret);
  let failure: unknown = new Error(`No node is known that holds ${part.name} of job '${jobId}'.`);
  try {
    for (const host of part.hosts) {
      const node = files.nodes[host];
      if (node === undefined) continue;
      try {
        const download = await client.get(
          `${node.url}/${partPath(files.space, jobId, part.file ?? part.name)}`,
        );
        const chunks: Buffer[] = [];
        for await (const chunk of download.chunks) chunks.push(chunk);
        return Buffer.concat(chunks);
      } catch (error) {
        failure = error;
      }
    }
  } finally {
    client.close();
  }
  throw failure;
}
