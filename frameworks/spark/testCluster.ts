/** For tests: a master, slaves and file servers in this process, on the clock and over sockets; executors run their threads. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fair } from '../../mesos/allocation/fair.ts';
import { schedulerActor } from '../../mesos/driver/schedulerActor.ts';
import { emulated } from '../../mesos/isolation/emulated.ts';
import { until } from '../../mesos/isolation/testContainers.ts';
import { master } from '../../mesos/master/master.ts';
import { MASTER_DEFAULTS } from '../../mesos/master/options.ts';
import type { HistoryEvent, HistoryLine } from '../../mesos/protocol/history.ts';
import { startWire, type WireRuntime } from '../../mesos/runtime/wire.ts';
import { slave } from '../../mesos/slave/slave.ts';
import type { Block, Node } from '../files/block.ts';
import { cutBlocks } from '../files/blocks.ts';
import { type FileServer, startFileServer } from '../files/fileServer.ts';
import { storeBlocks } from '../files/testBlocks.ts';
import { standalone } from '../standalone/standalone.ts';
import { createSparkApplication, type SparkSummary } from './application.ts';
import { readSparkConfig, type SparkConfig } from './config.ts';
import { createSparkExecutor } from './executor/realExecutor.ts';
import type { Main } from './program/context.ts';
import type { SparkHandle } from './scheduling/handle.ts';

const SECRET = 'of these tests';
const NO_COMMAND = { shell: false, value: 'x', arguments: [], environment: {} };
const RANDOM = { uniform: () => 0.5, uint32: () => 0x8000_0000 };

/** A slave with its file server. */
export interface TestNode {
  readonly hostname: string;
  readonly dir: string;
  readonly server: FileServer;
  /** Ends the slave with its executors, as when its machine is switched off. */
  kill(): Promise<void>;
  /** Ends its executors alone, as `kill -9` does. */
  killExecutors(): void;
}

/** A cluster. */
export interface TestSpark extends AsyncDisposable {
  readonly nodes: readonly TestNode[];
  readonly history: readonly HistoryLine[];
  /** Stores text as blocks of at most so many bytes. */
  store(name: string, text: string, blockBytes: number, replication?: number): Promise<readonly Block[]>;
  /** Runs a driver program to its end. */
  run(
    main: Main,
    config?: Partial<SparkConfig>,
    ready?: (handle: SparkHandle) => void,
  ): Promise<SparkSummary>;
  seen<E extends HistoryEvent['event']>(event: E): readonly (HistoryLine & { event: E })[];
}

/** What a test may choose. */
export interface TestSparkOptions {
  readonly nodes?: number;
  /** Of each slave. */
  readonly cpus?: number;
  readonly system?: 'mesos' | 'standalone';
}

/** Starts a cluster; on `standalone` its slaves are those of the one application. */
export async function testSpark(options: TestSparkOptions = {}): Promise<TestSpark> {
  const { nodes: count = 2, cpus = 2, system = 'mesos' } = options;
  const folder = mkdtempSync(join(tmpdir(), 'mesos-lab-spark-'));
  const history: HistoryLine[] = [];
  const wires = new Set<WireRuntime>();
  const wire = async (): Promise<WireRuntime> => {
    const one = await startWire({
      listen: { host: '127.0.0.1', port: 0 },
      log: () => {},
      history: { append: (line) => void history.push(line), close: async () => {} },
    });
    wires.add(one);
    return one;
  };
  const head = await wire();
  const framework = await wire();
  const address =
    system === 'mesos'
      ? head.spawn('master', master({ ...MASTER_DEFAULTS, allocation: fair() }))
      : framework.address('master');
  const nodes = await Promise.all(
    Array.from({ length: count }, (_, n) => startNode(`node${n + 1}`, join(folder, `node${n + 1}`))),
  );
  // Offers of all of them come at once: no node has done all the work before another one is there.
  const registered = () => history.filter(({ event }) => event === 'slave-registered').length;
  if (system === 'mesos') await until(() => registered() === count);
  const byHostname: Record<string, Node> = Object.fromEntries(
    nodes.map(({ hostname, dir, server }) => [hostname, { url: server.url, dir }]),
  );

  async function startNode(hostname: string, dir: string): Promise<TestNode> {
    const server = await startFileServer({ dir, secret: SECRET });
    const runtime = await wire();
    const destroyers = new Set<() => void>();
    const models = { 'spark-executor': createSparkExecutor(SECRET) };
    const inner = emulated(runtime, models, (run) => setImmediate(run));
    const isolation = {
      ...inner,
      launch: (...given: Parameters<typeof inner.launch>) => {
        const container = inner.launch(...given);
        destroyers.add(() => container.destroy());
        return container;
      },
    };
    const own = { hostname, resources: { cpus, mem: 2048 }, attributes: {} };
    runtime.spawn('slave', slave({ master: address, ...own, isolation, commandExecutor: NO_COMMAND }));
    return {
      hostname,
      dir,
      server,
      kill: async () => {
        await runtime.close();
        wires.delete(runtime);
        await server.close();
      },
      killExecutors: () => {
        for (const destroy of destroyers) destroy();
        destroyers.clear();
      },
    };
  }

  return {
    nodes,
    history,
    async store(name, text, blockBytes, replication = 1) {
      return storeBlocks({
        name,
        blocks: cutBlocks([Buffer.from(text)], blockBytes),
        nodes: byHostname,
        replication,
        random: RANDOM,
        secret: SECRET,
      });
    },
    run(main, more = {}, ready = () => {}) {
      const config = {
        ...readSparkConfig({
          name: 'spark',
          app: 'test',
          nodes: byHostname,
          executor: { command: NO_COMMAND },
          localityWaitMs: 0,
          defaultPartitions: 4,
        }),
        ...more,
      };
      const done = Promise.withResolvers<SparkSummary>();
      const factory = createSparkApplication({
        config,
        main,
        secret: SECRET,
        log: () => {},
        onDone: done.resolve,
        onReady: ready,
      });
      const own = { frameworkInfo: { user: 'test', name: config.name }, factory, stopped: () => {} };
      if (system === 'mesos')
        framework.spawn(`scheduler-${runs++}`, schedulerActor({ ...own, master: address }));
      else framework.spawn('master', standalone({ ...own, slavesMin: count }));
      return done.promise;
    },
    seen: (event) =>
      history.filter((line): line is HistoryLine & { event: typeof event } => line.event === event),
    async [Symbol.asyncDispose]() {
      for (const node of nodes) node.killExecutors();
      await Promise.all([...wires].map((one) => one.close()));
      await Promise.all(nodes.map(({ server }) => server.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

let runs = 0;
