/** Machines that are namespaces, of deployments that have no folder any more. */
import { existsSync } from 'node:fs';
import { heldFolders } from '../../infra/netns/keptHolder.ts';
import { endKeptMachines } from '../../infra/netns/keptMachines.ts';
import type { Leftover } from './leftover.ts';

/** Those whose holders run. */
export function leftNamespaces(): readonly Leftover[] {
  return heldFolders()
    .filter((folder) => !existsSync(folder))
    .map(
      (folder): Leftover => ({
        kind: 'namespace',
        what: folder,
        why: 'the deployment whose machines they are has no folder any more',
        remove: () => endKeptMachines(folder),
      }),
    );
}
