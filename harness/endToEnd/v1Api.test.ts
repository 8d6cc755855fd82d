/** Frameworks whose schedulers speak the v1 API, on real masters and slaves: what comes out is what comes out over links. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exitInWords, type Listening, startFramework, startMaster } from '../run/deployment.ts';
import {
  assertExact,
  assertNothingLost,
  type Cluster,
  historyOf,
  leaderOf,
  withCluster,
} from './testDeployment.ts';

const V1 = ['--api', 'v1'];
const urls = (masters: readonly Listening[]): string =>
  masters.map(({ address }) => `http://${address}`).join(',');

/** The job ended after a loss of the master, and nothing was lost with that. */
async function assertInterrupted(cluster: Cluster): Promise<void> {
  await assertExact(cluster);
  await assertNothingLost(cluster);
  assert.match(cluster.running.process.lastLines().join('\n'), /no stream of events from a master/);
}

for (const form of ['json', 'protobuf'])
  test(`words are counted over the v1 API in ${form}`, () =>
    withCluster(assertExact, {
      framework: async (masters) => ({
        master: urls(masters),
        flags: [...V1, '--http_content_type', form],
      }),
    }));

for (const [what, framework] of [
  [
    'is found through the one that does not lead',
    async (masters: readonly Listening[]) => {
      const leader = await leaderOf(masters);
      return { master: urls(masters.filter((each) => each !== leader)), flags: V1 };
    },
  ],
  [
    'is one of a list',
    async (masters: readonly Listening[]) => {
      const leader = await leaderOf(masters);
      return { master: urls([leader, ...masters.filter((each) => each !== leader)]), flags: V1 };
    },
  ],
  [
    'is found by the election',
    async (_: readonly Listening[], where: string) => ({ master: where, flags: V1 }),
  ],
] as const)
  test(`the leading master, which ${what}, is killed: no task is lost, and the result is exact`, () =>
    withCluster(
      async (cluster) => {
        const leader = await leaderOf(cluster.masters);
        process.kill(leader.process.pid, 'SIGKILL');
        await leaderOf(cluster.masters.filter((each) => each !== leader));
        await assertInterrupted(cluster);
      },
      { masters: 2, framework },
    ));

test('the only master is killed and started again: no task is lost, and the result is exact', () =>
  withCluster(
    async (cluster) => {
      const { head, master, masters, address } = cluster;
      process.kill(master.pid, 'SIGKILL');
      await master.exited;
      // The last of two flags counts.
      const port = address.slice(address.lastIndexOf(':') + 1);
      await startMaster(head, 'master2', ['--port', port]);
      await assertInterrupted({ ...cluster, masters: [...masters, ...masters] });
    },
    { framework: async (masters) => ({ master: urls(masters), flags: V1 }) },
  ));

const PATIENT = [...V1, '--failover_timeout', '1mins'];

for (const [how, kill] of [
  ['is killed', true],
  ['is still there', false],
] as const)
  test(`another scheduler takes the place of one that ${how}, and the result is exact`, () =>
    withCluster(
      async (cluster) => {
        const { head, deployment, running, config, masters, slaves } = cluster;
        // Nothing more is told of tasks: the first one must not be ready before the next has started.
        if (!kill) for (const { pid } of slaves) process.kill(pid, 'SIGSTOP');
        const [registered] = (await historyOf(cluster, ['master1'])).flatMap((line) =>
          line.event === 'framework-registered' ? [line.frameworkId] : [],
        );
        if (registered === undefined) throw new Error('the framework is not registered');
        if (kill) {
          process.kill(running.process.pid, 'SIGKILL');
          await running.process.exited;
        }
        const flags = [...PATIENT, '--framework_id', registered];
        const on = { master: urls(masters), flags };
        const next = await startFramework(head, deployment, 'hadoop', config, on, 'hadoop-next');
        if (!kill) {
          const exit = await running.process.exited;
          assert.is(exit.code, 2, exitInWords(running.process, exit));
          assert.match(
            running.process.lastLines().join('\n'),
            /refused the framework: Framework failed over/,
          );
          for (const { pid } of slaves) process.kill(pid, 'SIGCONT');
        }
        await assertExact({ ...cluster, running: next });
      },
      { framework: async (masters) => ({ master: urls(masters), flags: PATIENT }) },
    ));

test.run();
