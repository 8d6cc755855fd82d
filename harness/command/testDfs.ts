/** For tests: a block store of real processes on this machine. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dfs } from '../../frameworks/dfs/dfs.ts';
import { openDfs } from '../../frameworks/dfs/openDfs.ts';
import { LAB, localMachines } from '../../infra/local.ts';
import type { Machine, RunningProcess } from '../../infra/machine.ts';
import { listening } from '../run/deployment.ts';
import { realClock } from './realClock.ts';

/** A namenode and its data nodes. */
export interface TestDfs extends AsyncDisposable {
  readonly folder: string;
  readonly secretFile: string;
  /** Of the namenode, `host:port`. */
  readonly address: string;
  readonly dfs: Dfs;
  /** Kills the namenode, and starts it again where it was. */
  restartNameNode(): Promise<void>;
  /** Starts a data node, and resolves when the namenode knows it. */
  start(hostname: string): Promise<void>;
  /** Kills a data node; resolves when it is dead. */
  kill(hostname: string): Promise<void>;
  /** Starts the data nodes that are dead, and resolves when nothing is left to repair. */
  settle(): Promise<void>;
  /** Resolves when every block has as many replicas as it is to have. */
  healed(): Promise<void>;
  /** The folder of a data node. */
  dirOf(hostname: string): string;
  /** Resolves with the next line of the namenode, from now on, that matches. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
}

const SECRET = 'of this test only';

/** Starts a store whose namenode has these flags, with data nodes of these names. */
export async function testDfs(hostnames: readonly string[], flags: readonly string[] = []): Promise<TestDfs> {
  const folder = mkdtempSync(join(tmpdir(), 'lab-dfs-'));
  const secretFile = join(folder, 'secret');
  writeFileSync(secretFile, SECRET, { mode: 0o600 });
  const machines = await localMachines(join(folder, 'machines'), ['head', ...hostnames]);
  const [head, ...nodes] = machines.machines as [Machine, ...Machine[]];
  const secret = ['--secret_file', secretFile];
  const startNameNode = (port: string): Promise<RunningProcess> =>
    head.start({
      name: 'namenode',
      program: LAB,
      arguments: ['namenode', '--port', port, '--work_dir', join(folder, 'namenode'), ...secret, ...flags],
    });
  let nameNode = await startNameNode('0');
  const address = await listening(nameNode);
  const running = new Map<string, RunningProcess>();
  const dfs = openDfs({ url: address, secret: SECRET, clock: realClock() });
  const machineOf = (hostname: string): Machine => {
    const machine = nodes.find(({ name }) => name === hostname);
    if (machine === undefined) throw new Error(`there is no machine ${hostname}`);
    return machine;
  };
  const dirOf = (hostname: string): string => join(machineOf(hostname).folder, 'files');
  const kill = async (process: RunningProcess | undefined): Promise<void> => {
    process?.signal('SIGKILL');
    await process?.exited;
  };
  const store: TestDfs = {
    folder,
    secretFile,
    address,
    dfs,
    async restartNameNode() {
      await kill(nameNode);
      nameNode = await startNameNode(address.split(':')[1] as string);
      await listening(nameNode);
    },
    async start(hostname) {
      const own = [
        '--port',
        '0',
        '--work_dir',
        dirOf(hostname),
        '--namenode',
        address,
        '--hostname',
        hostname,
      ];
      const node = await machineOf(hostname).start({
        name: 'fileserver',
        program: LAB,
        arguments: ['fileserver', ...own, ...secret],
      });
      running.set(hostname, node);
      await node.waitForLine(/^registered with /);
    },
    async kill(hostname) {
      await kill(running.get(hostname));
      running.delete(hostname);
    },
    async settle() {
      await Promise.all(
        hostnames.filter((hostname) => !running.has(hostname)).map((hostname) => store.start(hostname)),
      );
      await until(
        dfs,
        'all data nodes live',
        ({ nodes: known }) => known.filter(({ state }) => state === 'live').length === hostnames.length,
      );
      await store.healed();
    },
    healed: () =>
      until(
        dfs,
        'nothing is left to repair',
        ({ scarce, copying, isStarting }) => scarce + copying === 0 && !isStarting,
      ),
    dirOf,
    says: (pattern) => said(nameNode, pattern),
    async [Symbol.asyncDispose]() {
      dfs.close();
      await machines[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await Promise.all(hostnames.map((hostname) => store.start(hostname)));
  return store;
}

/** Nothing takes longer than this. */
const LIMIT_MS = 120_000;
/** Questions do not keep those busy who are to do something. */
const PAUSE_MS = 10;

/** Asks the store how it is until something holds. Rejects with what did not, and how the store was at last. */
async function until(
  dfs: Dfs,
  what: string,
  holds: (status: Awaited<ReturnType<Dfs['status']>>) => boolean,
): Promise<void> {
  const limit = performance.now() + LIMIT_MS;
  for (;;) {
    const status = await dfs.status();
    if (holds(status)) return;
    if (performance.now() > limit) throw new Error(`waited in vain until ${what}: ${JSON.stringify(status)}`);
    await sleep(PAUSE_MS);
  }
}

/** The next line of a process that matches. Rejects with its last ones if there is none in time. */
function said(process: RunningProcess, pattern: RegExp): Promise<RegExpExecArray> {
  const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
  const giveUp = (): void => {
    const last = process.lastLines().slice(-3).join(' | ');
    reject(new Error(`waited in vain until ${process.name} says ${pattern}; it said: ${last}`));
  };
  const timer = setTimeout(giveUp, LIMIT_MS);
  process.onLine(pattern, resolve);
  const line = promise.finally(() => clearTimeout(timer));
  // A test that has failed before does not wait for it.
  line.catch(() => {});
  return line;
}
