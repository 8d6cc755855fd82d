/** A Slurm for tests: munge, a controller and nodes, each in a namespace of its own. All of it ends with this process. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Machine } from '../machine.ts';
import { netnsMachines } from '../netns/machines.ts';

/** Ours alone: nodes are one machine with those of another Slurm that runs at the same time, and what is there has the job's number. */
const FIRST_JOB = 1 + (process.pid % 50_000) * 1_000;

/** A Slurm that runs. Its configuration is in this process's environment (`SLURM_CONF`) as long as it does. */
export interface TestSlurm extends AsyncDisposable {
  /** Names of its nodes. */
  readonly nodes: readonly string[];
}

/** Starts one with so many nodes, and the partitions `main`, and `short` where jobs have at most a minute. */
export async function startSlurm(count: number): Promise<TestSlurm> {
  const folder = await mkdtemp(join(tmpdir(), 'slurm-test-'));
  const nodes = Array.from({ length: count }, (_, n) => `n${n + 1}`);
  const network = await netnsMachines(join(folder, 'machines'), ['ctl', ...nodes], { uplink: true });
  const [controller, ...others] = network.machines as unknown as readonly [Machine, ...Machine[]];
  const at = (name: string): string => join(folder, name);
  const before = process.env.SLURM_CONF;
  const dispose = async (): Promise<void> => {
    if (before === undefined) delete process.env.SLURM_CONF;
    else process.env.SLURM_CONF = before;
    await network[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  try {
    await writeFile(at('munge.key'), randomBytes(128), { mode: 0o400 });
    await writeFile(at('cgroup.conf'), 'CgroupAutomount=no\n');
    await writeFile(at('slurm.conf'), configuration(folder, controller, others));
    process.env.SLURM_CONF = at('slurm.conf');
    const munge = [
      'key-file=munge.key',
      'socket=munge.sock',
      'pid-file=munge.pid',
      'log-file=munge.log',
      'seed-file=munge.seed',
    ];
    await controller.start({
      name: 'munged',
      program: 'munged',
      arguments: ['--foreground', '--force', ...munge.map((flag) => `--${flag.replace('=', `=${folder}/`)}`)],
    });
    await controller.start({
      name: 'slurmctld',
      program: 'slurmctld',
      arguments: ['-D', '-f', at('slurm.conf')],
    });
    await Promise.all(
      others.map((machine) =>
        machine.start({
          name: 'slurmd',
          program: 'slurmd',
          arguments: ['-D', '-f', at('slurm.conf'), '-N', machine.name],
        }),
      ),
    );
    await controller.run(
      'timeout',
      '60',
      'sh',
      '-c',
      `until [ "$(sinfo --noheader --states=idle --partition=main --format=%D)" = ${count} ]; do sleep 0.1; done`,
    );
    return { nodes, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function configuration(folder: string, controller: Machine, nodes: readonly Machine[]): string {
  return `ClusterName=test
SlurmctldHost=ctl(${controller.ip})
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=${folder}/munge.sock
CryptoType=crypto/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1
ReturnToService=2
FirstJobId=${FIRST_JOB}
KillWait=2
SlurmctldPidFile=${folder}/ctld.pid
SlurmdPidFile=${folder}/slurmd.%n.pid
SlurmdSpoolDir=${folder}/spool.%n
StateSaveLocation=${folder}/state
SlurmctldLogFile=${folder}/ctld.log
SlurmdLogFile=${folder}/slurmd.%n.log
${nodes.map(({ name, ip }) => `NodeName=${name} NodeAddr=${ip} CPUs=2 RealMemory=500 State=UNKNOWN`).join('\n')}
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
PartitionName=short Nodes=ALL MaxTime=1 State=UP
`;
}
