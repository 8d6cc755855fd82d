/** What a scheduler that only waits for jobs (`lab framework … --serve`) is set up with, if nobody has written a configuration. */

import { spaceOf } from '../../../frameworks/files/storedFile.ts';
import { deleteSpace } from '../../../frameworks/hadoop/jobFiles.ts';
import { LAB } from '../../../infra/local.ts';
import { usageError } from '../exit.ts';
import { openScratch } from '../submit/scratch.ts';
import { openStore, telling } from '../submit/store.ts';

const SLOT = { cpus: 1, mem: 1024 } as const;

/** A scheduler that waits for jobs. */
export interface QueueSetting {
  readonly config: unknown;
  /** It is registered. */
  registered?(frameworkId: string): Promise<void>;
  /** Removes what its jobs have left on the nodes. What its tasks write in this moment, the next `lab submit` removes. */
  end?(): Promise<void>;
}

/** What it may use: of Hadoop and Dryad, the file servers that the block store has now. Rejects with a CommandError. */
export async function queueSetting(
  which: string,
  flags: { readonly namenode: string; readonly dfs_secret_file?: string },
): Promise<QueueSetting> {
  const command = (name: string) => ({
    shell: false,
    value: LAB,
    arguments: ['lab', 'executor', name],
    environment: {},
  });
  switch (which) {
    case 'mpi':
    case 'torque':
      return {
        config: {
          name: 'torque',
          jobs: [],
          slot: SLOT,
          executor: { name: 'mpi-rank', command: command('mpi') },
        },
      };
    case 'dryad':
    case 'hadoop': {
      const { dfs, nodes, secret } = await openStore(flags);
      const scratch = await telling(openScratch(dfs, secret));
      let space: string | undefined;
      return {
        config: { name: which, jobs: [], slot: SLOT, nodes, executor: { command: command(which) } },
        async registered(frameworkId) {
          space = spaceOf(frameworkId);
          await scratch.note(space, undefined);
        },
        async end() {
          if (space !== undefined) await deleteSpace({ nodes, space, secret });
          dfs.close();
        },
      };
    }
    default:
      throw usageError(`${which} takes no jobs while it runs: give its --config`);
  }
}
