/** Where the deployments of this user are kept: a folder for each, which this user alone may look into. */
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Names are parts of paths, of network namespaces and of command lines. */
const NAME = /^[a-z0-9][a-z0-9-]{0,30}$/;

/** The folder that holds those of all deployments: `$XDG_STATE_HOME/mesos-lab`. */
export function deploymentsHome(variables: NodeJS.ProcessEnv = process.env): string {
  const { XDG_STATE_HOME: state = '' } = variables;
  // A relative path is to be ignored, says the XDG Base Directory Specification.
  return join(isAbsolute(state) ? state : join(homedir(), '.local', 'state'), 'mesos-lab');
}

/** Where a deployment is kept. Throws a RangeError, one sentence, if it cannot be called that. */
export function deploymentFolder(home: string, name: string): string {
  if (!NAME.test(name))
    throw new RangeError(
      `a deployment cannot be called '${name}': names are up to 31 small letters, digits and hyphens`,
    );
  return join(home, name);
}

/** A name made of a text, e.g. of a file's name; `cluster` if nothing of that can stay. */
export function nameFrom(text: string): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+/g, '')
    .slice(0, 31)
    .replaceAll(/-+$/g, '');
  return name === '' ? 'cluster' : name;
}

/** The names of all deployments that have left something here, in order. */
export function deploymentNames(home: string): readonly string[] {
  if (!existsSync(home)) return [];
  return readdirSync(home, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && NAME.test(entry.name))
    .map(({ name }) => name)
    .sort();
}
