/** Rigid jobs by real MPIs through master and slaves, as processes, of which some are killed. Not skipped in CI. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { MpiProgram } from '../frameworks/mpi/program.ts';
import { tachyonArguments } from '../frameworks/mpi/tachyon.ts';
import { findProgram } from '../infra/inspection.ts';
import { processEntry, processes, startVariable } from '../mesos/isolation/processTable.ts';
import { isAlive, until } from '../mesos/isolation/testContainers.ts';
import { type MpiCluster, startMpiCluster } from './bench/mpiCluster.ts';

const test = suite<{ cluster: MpiCluster }>('rigid jobs by a real MPI');
const RANKS = 4;

test.before(async (world) => {
  world.cluster = await startMpiCluster(4);
});
test.after(async ({ cluster }) => {
  const { folder } = cluster;
  await cluster[Symbol.asyncDispose]();
  await until(() => sandboxed(folder).length === 0);
});

/** Processes of sandboxes in this folder. */
function sandboxed(folder: string): readonly number[] {
  return processes()
    .map(({ pid }) => pid)
    .filter((pid) => isAlive(pid) && startVariable(pid, 'MESOS_SANDBOX')?.startsWith(folder));
}

function real(name: string, programs: readonly string[], run: (cluster: MpiCluster) => Promise<void>): void {
  const missing = programs.filter((program) => findProgram(program) === undefined);
  if (missing.length === 0 || process.env.CI !== undefined) test(name, ({ cluster }) => run(cluster));
  else test.skip(`${name} (no ${missing.join(', ')})`, () => {});
}

real(
  'Tachyon on four slots of some slaves draws what a plain mpiexec draws',
  ['mpiexec.hydra', 'tachyon'],
  async (cluster) => {
    const { folder, run } = cluster;
    const picture = join(folder, 'picture.ppm');
    const drawing = { type: 'tachyon', width: 200, height: 150, samples: 0, picture } as const;
    const job = await run(RANKS, { ...drawing, scene: { type: 'room' } });
    assert.is(job.outcome, 'finished', job.message);
    if (job.result?.type !== 'tachyon') throw new Error('it has no result of Tachyon');
    const plain = join(folder, 'plain.ppm');
    const scene = join(dirname(job.result.output), 'scene.dat');
    const given = tachyonArguments(drawing, scene, plain);
    await promisify(execFile)('mpiexec.hydra', ['-launcher', 'fork', '-n', '3', 'tachyon', ...given]);
    assert.is(job.result.pictureSha256, createHash('sha256').update(readFileSync(plain)).digest('hex'));
    assert.ok(readFileSync(picture).equals(readFileSync(plain)));
  },
);

function parentOf(pid: number): number {
  const entry = processEntry(pid);
  if (entry === undefined) throw new Error(`process ${pid} has ended`);
  return entry.parentId;
}

/** Who is killed, and how far up from a rank that is. The slave comes last: the others go on without it. */
const VICTIMS = [
  { type: 'mpich', mpiexec: 'mpiexec.hydra', victim: 'a rank', ups: 0 },
  { type: 'mpich', mpiexec: 'mpiexec.hydra', victim: 'an executor', ups: 2 },
  { type: 'openmpi', mpiexec: 'mpiexec.openmpi', victim: 'an executor', ups: 2 },
  { type: 'mpich', mpiexec: 'mpiexec.hydra', victim: 'a slave', ups: 3 },
] as const;

for (const [index, { type, mpiexec, victim, ups }] of VICTIMS.entries())
  real(
    `${type}: ${victim} is killed, and the job runs again, with nothing left over`,
    [mpiexec],
    async (cluster) => {
      const { folder, run } = cluster;
      const mine = join(folder, `test${index}`);
      mkdirSync(mine);
      const script = `[ -e ${mine}/killed ] && exit 0; echo > ${mine}/$$; exec sleep 1000`;
      const program: MpiProgram = { type, program: 'sh', arguments: ['-c', script], environment: {} };
      const running = run(RANKS, program);
      await until(() => readdirSync(mine).length === RANKS);
      const first = sandboxed(folder);
      let pid = Number(readdirSync(mine)[1]);
      for (let up = 0; up < ups; up++) pid = parentOf(pid);
      writeFileSync(join(mine, 'killed'), '');
      process.kill(pid, 'SIGKILL');
      const job = await running;
      assert.is(job.outcome, 'finished', job.message);
      assert.ok(job.failures > 0);
      await until(() => !first.some(isAlive));
    },
  );

test.run();
