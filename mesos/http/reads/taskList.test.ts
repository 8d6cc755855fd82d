import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sleepTask } from '../../testCluster.ts';
import { closeClusters, type ReadsCluster, readsCluster } from './testReads.ts';

test.after.each(closeClusters);

/** Two frameworks with many tasks that run, and many that have ended. */
async function busyCluster(): Promise<ReadsCluster> {
  const cluster = await readsCluster();
  for (let n = 1; n <= 20; n++) cluster.addSlave(n, 'cpus:100;mem:100000');
  for (const name of ['one', 'two']) {
    const framework = cluster.addFramework(name);
    let tasks = 0;
    framework.onOffers = (offers) => {
      for (const [i, offer] of offers.entries())
        framework.driver.replyToOffer(
          [offer.id],
          Array.from({ length: 90 + i }, () =>
            sleepTask(offer, `${name}-${tasks++}`, tasks % 3 === 0 ? 50 + tasks : 1e9, 'cpus:1;mem:32'),
          ),
          { refuseSeconds: 1e9 },
        );
    };
  }
  cluster.pass(5000);
  return cluster;
}

interface Told {
  readonly id: string;
  readonly statuses: readonly { readonly timestamp: number }[];
}

const begun = (tasks: readonly Told[]): readonly number[] =>
  tasks.map(({ statuses }) => statuses[0]?.timestamp ?? 0);

test('pages together are all tasks, in the order in which they began', async () => {
  const cluster = await busyCluster();
  const all: Told[] = (await cluster.json('/tasks?limit=1000000&order=asc')).tasks;
  const { frameworks } = await cluster.json('/state');
  const listed = frameworks.flatMap((framework: Record<string, Told[]>) => [
    ...(framework.tasks ?? []),
    ...(framework.completed_tasks ?? []),
  ]);
  assert.ok(all.length > 2500);
  assert.equal(all.map(({ id }) => id).sort(), listed.map(({ id }: Told) => id).sort());
  assert.equal(
    begun(all),
    begun(all).toSorted((a, b) => a - b),
  );
  const pages: Told[] = [];
  for (let offset = 0; offset < all.length; offset += 700)
    pages.push(...(await cluster.json(`/tasks?limit=700&offset=${offset}&order=asc`)).tasks);
  assert.equal(pages, all);
  const latest: Told[] = (await cluster.json('/tasks')).tasks;
  assert.is(latest.length, 100);
  assert.equal(begun(latest), begun(all).toReversed().slice(0, 100));
  assert.equal((await cluster.json(`/tasks?offset=${all.length}`)).tasks, []);
});

test('tasks can be asked for by framework and by id, also when they have ended', async () => {
  const cluster = await busyCluster();
  const [one] = cluster.reign.books.frameworks.values();
  const own = await cluster.json(`/tasks?framework_id=${one?.id}&limit=100000`);
  assert.ok(own.tasks.every(({ id }: Told) => id.startsWith('one-')));
  assert.is(
    own.tasks.length,
    (one?.tasks.size ?? 0) + (cluster.chronicle.frameworks.get(one?.id ?? '')?.completed.size ?? 0),
  );
  for (const id of ['one-2', 'one-3', 'two-2']) {
    const { tasks } = await cluster.json(`/tasks?task_id=${id}`);
    assert.equal(
      tasks.map((task: Told) => task.id),
      [id],
    );
  }
  assert.equal((await cluster.json('/tasks?task_id=one')).tasks, []);
});

test.run();
