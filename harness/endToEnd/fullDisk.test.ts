/** A real cluster that counts words while the disk of one of its nodes is full. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ActiveFault } from '../../infra/fault.ts';
import { faultsOn } from '../../infra/faults/faults.ts';
import { subjects } from '../../infra/faults/targets.ts';
import type { TaskState } from '../../mesos/protocol/tasks.ts';
import { startFramework } from '../run/deployment.ts';
import { assertExact, type Cluster, historyOf, withCluster } from './testDeployment.ts';

/** Room for the text and what comes of it. */
const DISK_BYTES = 64 * 1024 * 1024;

/** What tasks on node1 said that came to this end. Its slave was never lost. */
async function endsOnNode1(cluster: Cluster, state: TaskState): Promise<readonly string[]> {
  const history = await historyOf(cluster, ['master1']);
  const [slaveId] = history.flatMap((line) =>
    line.event === 'slave-registered' && line.hostname === 'node1' ? [line.slaveId] : [],
  );
  assert.not(history.some((line) => line.event === 'slave-lost' && line.slaveId === slaveId));
  return history.flatMap((line) =>
    line.event === 'task-updated' && line.slaveId === slaveId && line.state === state
      ? [line.message ?? '']
      : [],
  );
}

test('a disk is full: tasks there say so and run elsewhere, their slave stays, and when it is not full any more they run there again', async () => {
  let full: ActiveFault | undefined;
  await withCluster(
    async (cluster) => {
      const { head, deployment, config, address, slaves } = cluster;
      await assertExact(cluster);
      assert.equal(
        [...new Set(await endsOnNode1(cluster, 'TASK_FAILED'))],
        ['The disk of node1 is full; remove files or use other nodes.'],
      );
      assert.equal(await endsOnNode1(cluster, 'TASK_FINISHED'), []);
      await full?.heal();
      await full?.recovered();
      // Node1 has to do it all: how much it did beside others would depend on how fast each is.
      for (const slave of slaves.slice(1)) await slave.stop();
      const next = await startFramework(head, deployment, 'hadoop', config, { master: address }, 'next');
      await assertExact({ ...cluster, running: next });
      assert.ok((await endsOnNode1(cluster, 'TASK_FINISHED')).length > 0);
    },
    {
      disks: { of: ['node1'], bytes: DISK_BYTES },
      async framework(_, master, nodes) {
        const faults = faultsOn({ subjects: await subjects(nodes, []) });
        full = await faults.inject({ kind: 'disk-full', machine: 'node1' });
        await full.visible();
        return { master, flags: [] };
      },
    },
  );
});

test.run();
