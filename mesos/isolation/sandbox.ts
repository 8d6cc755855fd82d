/** An executor's sandbox: the folder that it runs in, with what it writes to its standard output and error. */
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerSpec } from './isolation.ts';

/** The link beside the sandboxes of an executor that leads to the newest. */
export const LATEST = 'latest';

/** What tells a sandbox from others. */
type Owner = Pick<ContainerSpec, 'slaveId' | 'frameworkId' | 'containerId'> & {
  readonly executorInfo: Pick<ContainerSpec['executorInfo'], 'executorId'>;
};

/** Where an executor's sandbox is, laid out as Mesos does. */
export function sandboxOf(workDir: string, spec: Owner): string {
  return join(runsOf(workDir, spec), spec.containerId);
}

function runsOf(workDir: string, { slaveId, frameworkId, executorInfo }: Owner): string {
  const executors = join(workDir, 'slaves', slaveId, 'frameworks', frameworkId, 'executors');
  return join(executors, executorInfo.executorId, 'runs');
}

/** Makes an executor's sandbox, for this user alone, and leads the link `latest` to it if it can. Throws if it cannot be made. */
export function makeSandbox(workDir: string, spec: ContainerSpec): string {
  const sandbox = sandboxOf(workDir, spec);
  mkdirSync(sandbox, { recursive: true, mode: 0o700 });
  lead(runsOf(workDir, spec), spec.containerId);
  return sandbox;
}

/** At once: whoever follows the link finds either the former sandbox or this one. */
function lead(runs: string, containerId: string): void {
  const link = join(runs, `.${LATEST}-${containerId}`);
  try {
    rmSync(link, { force: true });
    symlinkSync(containerId, link);
    renameSync(link, join(runs, LATEST));
  } catch {
    // Something is in the way. It is for the convenience of people only.
  }
}
