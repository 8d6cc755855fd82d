/** Finds all that is left on this machine of runs and deployments whose process is gone. */
import { leftDeployments } from './deployments.ts';
import { leftFolders } from './folders.ts';
import { groupsOfTheDead, leftGroups } from './groups.ts';
import type { Leftover } from './leftover.ts';
import { leftNamespaces } from './namespaces.ts';
import { leftProcesses } from './processes.ts';

/** In the order in which it can be removed. */
export async function leftovers(): Promise<readonly Leftover[]> {
  const folders = await leftFolders();
  return [
    ...leftDeployments(),
    ...leftNamespaces(),
    ...leftProcesses(folders.map(({ what }) => what)),
    ...leftGroups(),
    ...folders,
  ];
}

/** Of these, what runs have left that were killed: a deployment takes no part in it. In the order in which it can be removed. */
export async function leftByRuns(): Promise<readonly Leftover[]> {
  const folders = await leftFolders();
  return [...leftProcesses(folders.map(({ what }) => what)), ...groupsOfTheDead(), ...folders];
}
