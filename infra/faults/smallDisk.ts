/** Small disks in memory for the folders of machines of this machine, so that they can be filled. Takes root. */
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { localMachines } from '../local.ts';
import { faultName, holding } from './hold.ts';

/** Puts the folders that machines of these names will have in `folder` on disks of their own, of so many bytes each. The machines
 * must be provisioned after, and disposed of before. The disks end with this process, however that ends.
 */
export async function smallDisks(
  folder: string,
  names: readonly string[],
  bytes: number,
): Promise<AsyncDisposable> {
  const name = faultName();
  const here = await localMachines(`${folder}-disks`, [name]);
  const [machine] = here.machines as readonly [(typeof here.machines)[number]];
  const at = join(machine.folder, 'disks');
  const held = holding(name, [
    {
      machine,
      inject: names
        .map(
          (one) =>
            `mkdir -p '${at}/${one}'; mount -t tmpfs -o size=${bytes},mode=0700 ${name} '${at}/${one}'`,
        )
        .join('\n'),
      heal: names.map((one) => `umount -l '${at}/${one}'`),
    },
  ]);
  const end = async (): Promise<void> => {
    await held.heal();
    await here[Symbol.asyncDispose]();
  };
  try {
    await held.inject();
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const one of names) await symlink(join(at, one), join(folder, one));
  } catch (error) {
    await end();
    throw new Error(`no small disks, which take root: ${(error as Error).message}`, { cause: error });
  }
  return { [Symbol.asyncDispose]: end };
}
