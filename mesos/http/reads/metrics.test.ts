import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { firstOffer, sleepTask } from '../../testCluster.ts';
import { closeClusters, readsCluster } from './testReads.ts';

test.after.each(closeClusters);

test('what is counted is what has happened', async () => {
  const cluster = await readsCluster();
  for (const n of [1, 2, 3]) cluster.addSlave(n, 'cpus:4;mem:4096');
  cluster.pass(100);
  const framework = cluster.addFramework('a/b c', { role: 'gold' });
  cluster.pass(100);
  const [first, second, third] = framework.offers;
  if (first === undefined || second === undefined || third === undefined) throw new Error('no offers');
  framework.driver.replyToOffer([first.id], [sleepTask(first, 'long', 1e7), sleepTask(first, 'short', 100)], {
    refuseSeconds: 1e9,
  });
  framework.driver.replyToOffer([second.id], [], { refuseSeconds: 1e9 });
  cluster.pass(50);
  const [id] = cluster.reign.books.frameworks.keys();
  const own = `master/frameworks/a%2Fb%20c/${id}`;
  const early = await cluster.json('/metrics/snapshot?timeout=5secs');
  assert.is(early['master/tasks_running'], 2);
  cluster.pass(1000);
  const metrics = await cluster.json('/metrics/snapshot');
  const expected = {
    'master/elected': 1,
    'master/elected_first': 0,
    'master/slaves_active': 3,
    'master/slaves_connected': 3,
    'master/frameworks_active': 1,
    'master/outstanding_offers': 2,
    'master/tasks_running': 1,
    'master/tasks_staging': 0,
    'master/tasks_finished': 1,
    'master/tasks_failed': 0,
    'master/cpus_total': 12,
    'master/cpus_used': 1,
    'master/mem_used': 512,
    'allocator/mesos/resources/cpus/offered_or_allocated': 8,
    'allocator/mesos/roles/gold/shares/dominant': 8 / 12,
    'master/messages_register_slave': 3,
    'master/messages_launch_tasks': 1,
    'master/messages_decline_offers': 1,
    'master/messages_status_update': 3,
    'master/messages_status_update_acknowledgement': 3,
    'master/valid_status_updates': 3,
    'master/slave_registrations': 3,
    [`${own}/subscribed`]: 1,
    [`${own}/calls/ACCEPT`]: 1,
    [`${own}/calls/DECLINE`]: 1,
    [`${own}/events/UPDATE`]: 3,
    [`${own}/offers/sent`]: 4,
    [`${own}/offers/accepted`]: 1,
    [`${own}/offers/declined`]: 1,
    [`${own}/tasks/active/TASK_RUNNING`]: 1,
    [`${own}/tasks/terminal/TASK_FINISHED`]: 1,
    [`${own}/roles/gold/suppressed`]: 0,
  };
  for (const [name, value] of Object.entries(expected)) assert.is(metrics[name], value, name);
  assert.ok(metrics['allocator/mesos/allocation_runs'] > 0);
  assert.is(metrics['allocator/mesos/allocation_run_ms/count'], metrics['allocator/mesos/allocation_runs']);
  assert.is(metrics['master/uptime_secs'], cluster.virtual.now / 1000);
});

test('Prometheus reads the same values, each family in one piece, with what frameworks call themselves as labels', async () => {
  const cluster = await readsCluster();
  cluster.addSlave(1);
  cluster.pass(100);
  const name = 'a "b"\\\n\u00e9';
  for (const more of ['', '2']) cluster.addFramework(name + more);
  cluster.pass(100);
  const { text, headers } = await cluster.get('/metrics');
  assert.is(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  const seen = new Set<string>();
  let family = '';
  let samples = 0;
  for (const line of text.trimEnd().split('\n')) {
    const [, declared] = /^# (?:HELP|TYPE) (\S+) /.exec(line) ?? [];
    if (declared !== undefined) {
      if (declared !== family) assert.not(seen.has(declared), declared);
      seen.add(declared);
      family = declared;
      continue;
    }
    const [, sample, value] =
      /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?:[a-z_]+="(?:[^"\\]|\\["\\n])*",?)+\})? (\S+)$/.exec(line) ?? [];
    assert.is(sample, family, line);
    assert.ok(Number.isFinite(Number(value)), line);
    samples++;
  }
  assert.match(text, /\nmesos_master_slaves_active 1\n/);
  assert.ok(text.includes(`name="a \\"b\\"\\\\\\n\u00e9",type="SUBSCRIBE"`), 'the labels');
  assert.is(samples, Object.keys(await cluster.json('/metrics/snapshot')).length);
});

test('a standby tells its metrics and its flags, and sends those who ask for more to the leader', async () => {
  const cluster = await readsCluster({ flags: { port: '5050' } });
  cluster.addSlave(1);
  const framework = cluster.addFramework('one');
  cluster.pass(100);
  firstOffer(framework);
  cluster.endReign();
  const metrics = await cluster.json('/metrics/snapshot');
  assert.is(metrics['master/elected'], 0);
  assert.is(metrics['master/slaves_active'], 0);
  assert.equal(await cluster.json('/flags'), { flags: { port: '5050' } });
  assert.is((await cluster.get('/metrics')).status, 200);
  assert.is((await cluster.get('/state')).status, 503);
  assert.is((await cluster.post('{"type":"GET_STATE"}')).status, 503);
  assert.is((await cluster.get('/health')).status, 200);
});

test('what is asked for wrongly is refused in a sentence', async () => {
  const cluster = await readsCluster();
  for (const path of [
    '/metrics/snapshot?timeout=soon',
    '/tasks?limit=-1',
    '/tasks?offset=x',
    '/tasks?order=up',
  ]) {
    const { status, text } = await cluster.get(path);
    assert.is(status, 400, path);
    assert.match(text, /must be/);
  }
});

test.run();
