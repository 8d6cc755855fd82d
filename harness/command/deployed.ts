/** How commands name a deployment, and find it. */
import { existsSync } from 'node:fs';
import { type Book, openBook } from '../../infra/deployments/book.ts';
import { HeldError, hold } from '../../infra/deployments/holder.ts';
import { deploymentFolder, deploymentNames, deploymentsHome } from '../../infra/deployments/home.ts';
import { type DeploymentRecord, readRecord } from '../../infra/deployments/record.ts';
import { infrastructureError, usageError } from './exit.ts';

/** A deployment that is recorded. */
export interface Deployed {
  readonly folder: string;
  readonly record: DeploymentRecord;
}

/** Where a deployment of this name is kept, or would be. */
export function folderFor(name: string): string {
  try {
    return deploymentFolder(deploymentsHome(), name);
  } catch (error) {
    throw usageError((error as Error).message);
  }
}

/** The name that is meant: the one that is given, or that of the only deployment that there is. */
export function meantName(given: string | undefined): string {
  const names = deploymentNames(deploymentsHome());
  if (given !== undefined) {
    if (existsSync(folderFor(given))) return given;
    throw usageError(`there is no deployment '${given}'; ${listed(names)}`);
  }
  const [only, ...others] = names;
  if (only === undefined) throw usageError("there is no deployment: 'lab up' makes one");
  if (others.length > 0)
    throw usageError(`there are several deployments, so name one of: ${names.join(', ')}`);
  return only;
}

/** The deployment of this name. Throws one sentence if its record cannot be read. */
export function deployed(name: string): Deployed {
  const folder = folderFor(name);
  const found = readRecord(folder);
  switch (found.is) {
    case 'found':
      return { folder, record: found.record };
    case 'missing':
      throw infrastructureError(`${folder} has no record of a deployment; 'lab down ${name}' removes it`);
    case 'damaged':
      throw infrastructureError(`${found.why}; repair it, or end what it names by hand and remove ${folder}`);
    default:
      return found satisfies never;
  }
}

/** Takes hold of a deployment to work on it. Throws one sentence if somebody else does so. */
export function takeHold(name: string, folder: string, work: string): Disposable {
  try {
    return hold(folder, work);
  } catch (error) {
    if (error instanceof HeldError) throw infrastructureError(`deployment '${name}': ${error.message}`);
    throw error;
  }
}

/** Its record, to be changed. */
export const bookOf = ({ folder, record }: Deployed): Book => openBook(folder, record);

function listed(names: readonly string[]): string {
  return names.length === 0 ? "there is none: 'lab up' makes one" : `there is: ${names.join(', ')}`;
}
