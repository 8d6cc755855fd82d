/** Runs the system on the machines of a deployment that are ready: what does not run is started, what runs is left alone. */
import type { ProcessRecord } from '../../infra/deployments/record.ts';
import type { ProcessInfo, RemoteMachine } from '../../infra/nodeDaemon/connect.ts';
import { prepare } from '../run/deployment.ts';
import { atOnce } from './atOnce.ts';
import { type BringUp, fail, possiblePlan, type ReadyMachines } from './bringUp.ts';
import type { SystemPlan } from './plan.ts';
import { systemSecrets } from './secrets.ts';
import { keeping, type System, startHead, startSlaveMachine, systemIn } from './system.ts';

/** Runs it. When a part of its head has to be started anew, so has everything. Throws one sentence if its head does not start, and a TooFewError if too few machines are left. */
export async function runSystem(order: BringUp, { machines }: ReadyMachines): Promise<System> {
  const { book, tell, stopping } = order;
  const machineOf = (name: string): RemoteMachine => machines.get(name) as RemoteMachine;
  book.reach('starting');
  const running = await readyOnes(order, machines);
  stopping.throwIfAborted();
  const plan = possiblePlan(order);
  book.ended(({ machine, name }) => !running.has(`${machine}/${name}`));
  const kept = keptSystem(plan, book.record.processes);
  if (kept === undefined) book.ended(() => true);
  const known = new Set(book.record.processes.map(({ machine, name }) => `${machine}/${name}`));
  // Also what runs on a machine that has failed before, which was given up then.
  const rest = [...running].filter(([key]) => !known.has(key));
  await Promise.all(rest.map(([, { machine, info }]) => stop(machine, info)));
  stopping.throwIfAborted();
  const system = kept ?? (await startHead(plan, (name) => keeping(machineOf(name)), book.started));
  tell(`the master is at ${system.master}`);
  await atOnce(plan.slaves, async ({ name, resources }) => {
    if (stopping.aborted) return;
    try {
      await startSlaveMachine(keeping(machineOf(name)), resources, system, {
        isRunning: (process) => known.has(`${name}/${process}`),
        started: book.started,
      });
    } catch (error) {
      fail(order, name, 'run', (error as Error).message);
    }
  });
  stopping.throwIfAborted();
  // Machines may have failed meanwhile.
  possiblePlan(order);
  book.forgive();
  book.reach('running');
  return system;
}

interface Running {
  readonly machine: RemoteMachine;
  readonly info: ProcessInfo;
}

/** Gives the machines what the system needs there. What is kept on those that did not fail and runs, by machine and name. */
async function readyOnes(
  order: BringUp,
  machines: ReadonlyMap<string, RemoteMachine>,
): Promise<ReadonlyMap<string, Running>> {
  const { cluster, files } = systemSecrets(order.folder);
  const running = new Map<string, Running>();
  await atOnce([...machines.values()], async (machine) => {
    try {
      await prepare([machine], files, cluster);
      for (const info of await machine.processes())
        if (info.isKept && info.exit === null) running.set(`${machine.name}/${info.name}`, { machine, info });
    } catch (error) {
      fail(order, machine.name, 'run', (error as Error).message);
    }
  });
  return running;
}

async function stop(machine: RemoteMachine, info: ProcessInfo): Promise<void> {
  await (await machine.follow(info)).stop();
}

/** The system whose head runs already, as planned; undefined if some of it does not. */
function keptSystem(plan: SystemPlan, processes: readonly ProcessRecord[]): System | undefined {
  const count = (part: ProcessRecord['part']): number =>
    processes.filter((process) => process.part === part).length;
  const isWhole = count('zookeeper') === plan.zookeeper.length && count('master') === plan.masters.length;
  return isWhole ? systemIn(processes) : undefined;
}
