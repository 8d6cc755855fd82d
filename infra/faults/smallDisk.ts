/** Small disks in memory for the work folders of machines of this machine, so that they can be filled. */
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { localMachines } from '../local.ts';
import { faultName, holding } from './hold.ts';

/** Disks that some machines have. */
export interface SmallDisks {
  /** Their names. */
  readonly of: readonly string[];
  /** Of each. */
  readonly bytes: number;
}

/**
 * Puts the work folders of machines that will be made in `folder` on disks of their own. The machines must be provisioned after, and
 * disposed of before. The disks end with this process, however that ends. Rejects with one sentence for who may not mount any.
 */
export async function smallDisks(folder: string, { of, bytes }: SmallDisks): Promise<AsyncDisposable> {
  const name = faultName();
  const here = await localMachines(`${folder}-disks`, [name]);
  const [machine] = here.machines as readonly [(typeof here.machines)[number]];
  const at = join(machine.folder, 'disks');
  const held = holding(name, [
    {
      machine,
      inject: of
        .map(
          (one) =>
            `mkdir -p '${at}/${one}'
said=$(mount -t tmpfs -o size=${bytes},mode=0700 ${name} '${at}/${one}' 2>&1) || { echo "$said" | head -n 1; exit 1; }`,
        )
        .join('\n'),
      heal: of.map((one) => `umount -l '${at}/${one}'`),
    },
  ]);
  const end = async (): Promise<void> => {
    await held.heal();
    await here[Symbol.asyncDispose]();
  };
  try {
    await held.inject();
    for (const one of of) {
      await mkdir(join(folder, one), { recursive: true, mode: 0o700 });
      // A link: the machine's folder can be removed while the disk is still there.
      await symlink(join(at, one), join(folder, one, 'work'));
    }
  } catch (error) {
    await end();
    throw new Error(
      `no small disks can be mounted for ${of.join(', ')} (${(error as Error).message}): be root, or run this within 'unshare --user --map-root-user --mount'`,
      { cause: error },
    );
  }
  return { [Symbol.asyncDispose]: end };
}
