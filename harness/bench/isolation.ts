/** What isolation costs, and whether a quota holds: from the start of an executor until its end is told, and processor time. */
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeOwnFolder } from '../../infra/ownFolder.ts';
import { findCgroups } from '../../mesos/isolation/cgroupRoot.ts';
import { cgroupsIsolation } from '../../mesos/isolation/cgroups.ts';
import type { Container, ContainerSpec, Exit } from '../../mesos/isolation/isolation.ts';
import { type ClosableIsolation, processIsolation } from '../../mesos/isolation/process.ts';
import { type Measurement, measurement } from './measurement.ts';

const LAUNCHES = 50;
/** Not counted. */
const WARM_UPS = 5;
const BUSY_RUNS = 5;
const BUSY_MS = 2_000;

/** Runs `/bin/true` in each isolation, and a busy loop with half a processor; the latter only where groups can be made. */
export async function benchIsolation(): Promise<readonly Measurement[]> {
  const workDir = await makeOwnFolder('bench');
  const figures: Measurement[] = [];
  try {
    const plain = processIsolation({ workDir });
    figures.push(measurement('isolation/process-launch-ms', 'ms', 'lower', await launches(plain)));
    const found = findCgroups(`mesos-lab-bench-${process.pid}`);
    if (found.is === 'unusable') {
      process.stderr.write(`without control groups: ${found.why}\n`);
      return figures;
    }
    const isolation = cgroupsIsolation({ workDir, root: found.root, hasCpuQuota: true });
    figures.push(measurement('isolation/cgroups-launch-ms', 'ms', 'lower', await launches(isolation)));
    // More than its half is what the limit is to prevent.
    figures.push(measurement('isolation/half-cpu-fraction', 'processors', 'lower', await halves(isolation)));
    await isolation.close();
    found.release();
    return figures;
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
}

async function launches(isolation: ClosableIsolation): Promise<readonly number[]> {
  const spans: number[] = [];
  for (let n = 0; n < WARM_UPS + LAUNCHES; n++) {
    const start = performance.now();
    await launch(isolation, spec(`launch${n}`, '/bin/true')).exit;
    if (n >= WARM_UPS) spans.push(performance.now() - start);
  }
  return spans;
}

/** Processor time of a busy loop that holds half a processor, in processors. */
async function halves(isolation: ClosableIsolation): Promise<readonly number[]> {
  const fractions: number[] = [];
  for (let n = 0; n < BUSY_RUNS; n++) {
    const { container, exit } = launch(isolation, spec(`busy${n}`, '/bin/sh', '-c', 'while :; do :; done'));
    const start = { at: performance.now(), used: used(container) };
    await sleep(BUSY_MS);
    fractions.push((used(container) - start.used) / ((performance.now() - start.at) / 1_000));
    container.destroy();
    await exit;
  }
  return fractions;
}

function launch(
  isolation: ClosableIsolation,
  what: ContainerSpec,
): { container: Container; exit: Promise<Exit> } {
  const { promise: exit, resolve } = Promise.withResolvers<Exit>();
  return { container: isolation.launch(what, { exited: resolve }), exit };
}

function used(container: Container): number {
  const usage = container.usage?.();
  if (usage === undefined) throw new Error('the container has ended');
  return usage.cpuSeconds;
}

function spec(containerId: string, program: string, ...args: readonly string[]): ContainerSpec {
  return {
    containerId,
    frameworkId: 'bench',
    slaveId: 'bench',
    slave: 'slave@127.0.0.1:5051',
    executorInfo: {
      executorId: 'bench',
      name: 'bench',
      command: { shell: false, value: program, arguments: [program, ...args], environment: {} },
      resources: { cpus: 0.5, mem: 64 },
    },
    shutdownGraceMs: 5_000,
  };
}
