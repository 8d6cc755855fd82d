/** A cluster of one slave for the experiment on isolation, the web application on it, and hogs that come and go. */
import { dirname, join } from 'node:path';
import { type HttpLoad, startHttpLoad } from '../../../infra/httpLoad.ts';
import type { Machine, RunningProcess } from '../../../infra/machine.ts';
import { ownGroup } from '../../../infra/ownFolder.ts';
import { childrenOf, goFirst } from '../../../infra/realTime.ts';
import { pause } from '../../../infra/wallClock.ts';
import { add, type Resources } from '../../../mesos/protocol/resources.ts';
import {
  type Deployment,
  exitInWords,
  prepare,
  startFramework,
  startMaster,
  startSlave,
} from '../../run/deployment.ts';

/** What runs on the slave, and how that isolates it. */
export interface StagePlan {
  /** Isolation module of the slave. */
  readonly isolation: 'cgroups' | 'process';
  readonly web: { readonly processes: number; readonly resources: Resources };
  readonly hog: {
    readonly processes: number;
    /** To a kernel that shares processors out among sessions, does each process of the hog count for itself, or all for one? */
    readonly sessions: 'each' | 'one';
    readonly resources: Resources;
  };
}

/** The cluster. */
export interface Stage {
  /** Sends requests to the web application. */
  readonly load: HttpLoad;
  /** Of the web application. */
  readonly url: string;
  /** Starts a framework whose only task is the hog. Resolves when that spins, with what ends both. */
  startHog(name: string): Promise<() => Promise<void>>;
}

/** What is needed to start a service. */
interface Services {
  readonly plan: StagePlan;
  readonly head: Machine;
  readonly node: Machine;
  readonly deployment: Deployment;
  readonly master: string;
  readonly slave: RunningProcess;
  readonly stopping: AbortSignal;
}

/** A service of one instance, which writes into the file when it has begun. */
interface Service {
  readonly name: string;
  readonly command: readonly string[];
  readonly resources: Resources;
  readonly file: string;
}

/** Often enough that a short window of measurement has two looks at what executors use. */
const USAGE_INTERVAL = ['--usage_interval', '500ms'];
const POLL_MS = 50;
/** Something is in the way if the processes of a task have not begun, or ended, by then. */
const BEGIN_WITHIN_MS = 120_000;
/** A hog ends by then, whatever becomes of everybody else. */
const HOG_LIMIT_S = 300;

/** Starts a master, a slave, and the web application. Throws an Error if the slave cannot isolate as planned. */
export async function startStage(
  plan: StagePlan,
  head: Machine,
  node: Machine,
  stopping: AbortSignal,
): Promise<Stage> {
  await requireSetpriv(node);
  const load = await startHttpLoad(head);
  const deployment = await prepare([head, node], 'this-trial-only');
  const { process: masterProcess, address: master } = await startMaster(head);
  const resources = add(plan.web.resources, plan.hog.resources);
  const flags = ['--isolation', plan.isolation, '--cgroups_root', ownGroup()];
  const slave = await startSlave(node, master, resources, [...flags, ...USAGE_INTERVAL]);
  requireIsolation(slave);
  await Promise.all([goFirst(head, masterProcess.pid), goFirst(node, slave.pid)]);
  const services = { plan, head, node, deployment, master, slave, stopping };
  return { load, url: await startWebServer(services), startHog: (name) => startHog(services, name) };
}

async function requireSetpriv(node: Machine): Promise<void> {
  await node.run('setpriv', '--version').catch(() => {
    throw new Error('setpriv is needed, without which the hog might outlive the run; install util-linux');
  });
}

/** A slave that cannot do as told says so, and goes on without. */
function requireIsolation(slave: RunningProcess): void {
  for (const line of slave.lastLines()) {
    const [, why] = /--isolation cgroups: (.*)\. The slave goes on/.exec(line) ?? [];
    if (why !== undefined) throw new Error(why);
  }
}

/** One of the programs beside this file, as a command of the machine. */
function program({ lab }: Machine, name: string): readonly string[] {
  const harness = dirname(lab);
  return [join(harness, 'node'), join(harness, 'trials', 'isolation', name)];
}

async function startWebServer(services: Services): Promise<string> {
  const { node, plan } = services;
  const file = join(node.folder, 'web-listens');
  const command = [...program(node, 'webServer.ts'), `${plan.web.processes}`, node.ip, file];
  const { said } = await startService(services, {
    name: 'web',
    command,
    resources: plan.web.resources,
    file,
  });
  return said;
}

async function startHog(services: Services, name: string): Promise<() => Promise<void>> {
  const { node, plan, stopping } = services;
  const { processes, sessions, resources } = plan.hog;
  const file = join(node.folder, `${name}-spins`);
  // It ends with its executor, and the program with it.
  const mortal = ['setpriv', '--pdeathsig', 'KILL'];
  const command = [
    ...[...mortal, 'timeout', '--foreground', '--signal=KILL', `${HOG_LIMIT_S}`],
    ...[...mortal, ...program(node, 'hog.ts'), `${processes}`, sessions, file],
  ];
  const { scheduler, said: pid } = await startService(services, { name, command, resources, file });
  return async () => {
    await scheduler.stop();
    await until(`the processes of ${name} do not end`, stopping, async () => {
      const isRunning = await node.run('sh', '-c', `kill -0 ${pid} 2>/dev/null && echo yes || echo no`);
      return isRunning.trim() === 'no' ? true : undefined;
    });
  };
}

/**
 * Starts a service; resolves with what it writes into its file. Its scheduler and its executor go first, as master and slave do: a hog
 * that is not isolated starves them too, and then the slave is lost.
 */
async function startService(
  { plan, head, node, deployment, master, slave, stopping }: Services,
  { name, command: argv, resources, file }: Service,
): Promise<{ readonly scheduler: RunningProcess; readonly said: string }> {
  const command = { shell: false, value: argv[0], arguments: argv, environment: {} };
  const config = {
    name,
    services: [{ id: name, instances: 1, task: { type: 'command', command }, resources }],
  };
  const { process: scheduler } = await startFramework(head, deployment, 'service', config, { master });
  await goFirst(head, scheduler.pid);
  await slave.waitForLine(new RegExp(` executor-started .*executorId=${name}\\.`));
  // In a control group the executor has a share, and may have no real-time priority.
  if (plan.isolation === 'process')
    await Promise.all((await childrenOf(node, slave.pid)).map((pid) => goFirst(node, pid)));
  let ended: string | undefined;
  void scheduler.exited.then((exit) => {
    ended = exitInWords(scheduler, exit);
  });
  const said = await until(`the task of ${name} does not begin`, stopping, async () => {
    if (ended !== undefined) throw new Error(ended);
    return node.read(file).then(String, () => undefined);
  });
  return { scheduler, said };
}

/** Asks again and again until there is an answer. Throws an Error with this sentence if there is none for too long. */
async function until<T>(
  otherwise: string,
  stopping: AbortSignal,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  for (let waitedMs = 0; waitedMs < BEGIN_WITHIN_MS; waitedMs += POLL_MS) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await pause(POLL_MS, stopping);
  }
  throw new Error(`${otherwise}: waited for ${BEGIN_WITHIN_MS / 1_000} s`);
}
