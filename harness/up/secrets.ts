/** What a deployment keeps secret, in files of its folder that only its user may read: made once, and the same when it goes on. */
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DeploymentKeys, deploymentKeys } from '../../infra/nodeDaemon/keys.ts';

/** Files with the secrets of the system that runs in it. */
export interface SystemSecrets {
  /** That of the cluster. */
  readonly clusterFile: string;
  readonly cluster: string;
  /** That of the file servers. */
  readonly filesFile: string;
  readonly files: string;
}

/** The secrets of the deployment in this folder. */
export function systemSecrets(folder: string): SystemSecrets {
  const [clusterFile, filesFile] = [join(folder, 'cluster-secret'), join(folder, 'file-secret')];
  const secret = (): string => randomBytes(32).toString('hex');
  return {
    clusterFile,
    cluster: keptText(clusterFile) ?? keep(clusterFile, secret()),
    filesFile,
    files: keptText(filesFile) ?? keep(filesFile, secret()),
  };
}

/** The keys with which its machines are commanded; undefined if none were made. */
export function keptKeys(folder: string): DeploymentKeys | undefined {
  const text = keptText(keysFile(folder));
  return text === undefined ? undefined : (JSON.parse(text) as DeploymentKeys);
}

/** The same, made if there are none. */
export async function keysOf(folder: string): Promise<DeploymentKeys> {
  const kept = keptKeys(folder);
  if (kept !== undefined) return kept;
  const keys = await deploymentKeys();
  keep(keysFile(folder), JSON.stringify(keys));
  return keys;
}

const keysFile = (folder: string): string => join(folder, 'keys.json');

function keptText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Whole or not at all. */
function keep(file: string, text: string): string {
  writeFileSync(`${file}.part`, text, { mode: 0o600, flush: true });
  renameSync(`${file}.part`, file);
  return text;
}
