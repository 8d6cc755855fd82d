import { request } from 'node:http';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TASK_STATES } from '../../protocol/tasks.ts';
import { firstOffer, scriptedSlave, sleepTask } from '../../testCluster.ts';
import { closeClusters, type ReadsCluster, readsCluster } from './testReads.ts';

test.after.each(closeClusters);

/** Three slaves, two frameworks: tasks that run, that have ended, and that nobody has heard of. */
async function busyCluster(): Promise<ReadsCluster> {
  const cluster = await readsCluster({ cluster: 'lab', flags: { port: '5050' } });
  for (const n of [1, 2, 3]) cluster.addSlave(n, 'cpus:8;mem:8192');
  cluster.pass(100);
  const one = cluster.addFramework('one', { role: 'gold', webuiUrl: 'http://one', failoverTimeout: 60 });
  let tasks = 0;
  one.onOffers = (offers) => {
    for (const offer of offers)
      one.driver.replyToOffer(
        [offer.id],
        [1, 2, 3].map(() => sleepTask(offer, `t${tasks++}`, tasks % 2 === 0 ? 500 : 1e6)),
        { refuseSeconds: 1e9 },
      );
  };
  cluster.pass(200);
  cluster.addFramework('two \u00e9"\\', { hostname: 'there' });
  cluster.pass(2000);
  return cluster;
}

test('the state is what the books say', async () => {
  const cluster = await busyCluster();
  const { books } = cluster.reign;
  const state = await cluster.json('/master/state');
  assert.is(state.id, books.info.id);
  assert.is(state.cluster, 'lab');
  assert.equal(state.flags, { port: '5050' });
  assert.equal([state.activated_slaves, state.deactivated_slaves, state.unreachable_slaves], [3, 0, 0]);
  assert.equal(
    state.slaves.map(({ id, hostname }: { id: string; hostname: string }) => [id, hostname]),
    [...books.slaves.values()].map(({ id, info }) => [id, info.hostname]),
  );
  for (const told of state.slaves) {
    const slave = books.slaves.get(told.id);
    assert.is(told.used_resources.cpus, slave?.tasks.size);
    let offered = 0;
    for (const { resources } of slave?.offers.values() ?? []) offered += resources.cpus ?? 0;
    assert.is(told.offered_resources.cpus, offered);
  }
  for (const told of state.frameworks) {
    const framework = books.frameworks.get(told.id);
    assert.is(told.name, framework?.info.name);
    assert.equal(
      told.tasks.map(({ id, state: is, slave_id }: Record<string, string>) => [id, is, slave_id]).sort(),
      [...(framework?.tasks.values() ?? [])].map(({ id, state: is, slave }) => [id, is, slave.id]).sort(),
    );
    assert.equal(
      told.offers.map(({ id }: { id: string }) => id),
      [...(framework?.offers.keys() ?? [])],
    );
  }
  const [one] = state.frameworks;
  assert.is(one.role, 'gold');
  assert.is(one.completed_tasks.length, 4);
  assert.equal(
    one.completed_tasks[0].statuses.map(({ state: is }: { state: string }) => is),
    ['TASK_RUNNING', 'TASK_FINISHED'],
  );
});

test('what has changed since somebody asked is told anew', async () => {
  const cluster = await busyCluster();
  for (let n = 0; n < 5; n++) {
    const { frameworks } = await cluster.json('/state');
    const { tasks } = [...cluster.reign.books.frameworks.values()][0] ?? {};
    assert.equal(
      frameworks[0].tasks.map(({ id, state }: Record<string, string>) => [id, state]).sort(),
      Array.from(tasks?.values() ?? [], ({ id, state }) => [id, state]).sort(),
    );
    const [first] = tasks?.values() ?? [];
    if (first === undefined) throw new Error('no task is left');
    const uuid = `${n}`.repeat(32);
    const { id: taskId, slave, framework, executorId } = first;
    const status = { taskId, slaveId: slave.id, executorId, uuid, timestamp: n };
    cluster.reign.receive(
      {
        type: 'STATUS_UPDATE',
        frameworkId: framework.id,
        status: { ...status, state: n === 4 ? 'TASK_FAILED' : 'TASK_KILLING', source: 'SOURCE_EXECUTOR' },
      },
      slave.address,
    );
  }
});

test('all that the web page of Apache Mesos reads without asking is there', async () => {
  const cluster = await busyCluster();
  const state = await cluster.json('/state');
  for (const part of [...state.slaves, ...state.frameworks])
    for (const name of ['cpus', 'gpus', 'mem', 'disk']) {
      assert.type(part.resources[name], 'number');
      assert.type(part.used_resources[name], 'number');
      assert.type(part.offered_resources[name], 'number');
    }
  for (const framework of state.frameworks)
    for (const list of ['tasks', 'completed_tasks', 'unreachable_tasks', 'offers', 'executors'])
      assert.ok(Array.isArray(framework[list]), list);
  for (const { statuses } of state.frameworks[0].tasks) assert.ok(Array.isArray(statuses));
  for (const list of ['completed_frameworks', 'orphan_tasks', 'unregistered_frameworks', 'recovered_slaves'])
    assert.ok(Array.isArray(state[list]), list);
  assert.equal(Object.keys(state.leader_info).sort(), ['hostname', 'id', 'pid', 'port']);
  assert.match(state.slaves[0].pid, /^slave\(1\)@10\.0\.1\.1:5051$/);
});

test('a summary counts the tasks that the state lists', async () => {
  const cluster = await busyCluster();
  const state = await cluster.json('/state');
  const summary = await cluster.json('/state-summary');
  for (const [i, framework] of state.frameworks.entries()) {
    const tasks = [...framework.tasks, ...framework.completed_tasks];
    for (const is of TASK_STATES)
      assert.is(summary.frameworks[i][is], tasks.filter((task) => task.state === is).length, is);
  }
  for (const slave of summary.slaves) {
    const tasks = state.frameworks.flatMap((framework: Record<string, { slave_id: string }[]>) =>
      [...(framework.tasks ?? []), ...(framework.completed_tasks ?? [])].filter(
        ({ slave_id }) => slave_id === slave.id,
      ),
    );
    let counted = 0;
    for (const is of TASK_STATES) counted += slave[is];
    assert.is(counted, tasks.length);
    assert.equal(slave.framework_ids, [state.frameworks[0].id]);
  }
  assert.is(summary.frameworks[0].slave_ids.length, 3);
});

test('one slave or one framework can be asked for', async () => {
  const cluster = await busyCluster();
  const [, id] = cluster.reign.books.slaves.keys();
  const { slaves } = await cluster.json(`/slaves?slave_id=${id}`);
  assert.equal(
    slaves.map((slave: { id: string }) => slave.id),
    [id],
  );
  assert.is((await cluster.json('/slaves')).slaves.length, 3);
  assert.is((await cluster.json('/slaves?slave_id=none')).slaves.length, 0);
  const [first] = cluster.reign.books.frameworks.keys();
  const { frameworks } = await cluster.json(`/frameworks?framework_id=${first}`);
  assert.is(frameworks.length, 1);
  assert.is(frameworks[0].id, first);
  assert.is((await cluster.json('/frameworks')).frameworks.length, 2);
});

test('a framework that has ended, and tasks out of reach, are still told of', async () => {
  const cluster = await readsCluster();
  const own = scriptedSlave(cluster);
  const aware = cluster.addFramework('aware', { capabilities: ['PARTITION_AWARE'] });
  own.send({ type: 'REGISTER_SLAVE', slaveInfo: own.info });
  cluster.pass(100);
  const offer = firstOffer(aware);
  aware.driver.replyToOffer([offer.id], [sleepTask(offer, 'far', 1e6)]);
  cluster.pass(100);
  cluster.pass(200_000);
  const state = await cluster.json('/state');
  const [framework] = state.frameworks;
  assert.equal(framework.tasks, []);
  assert.is(framework.unreachable_tasks[0].state, 'TASK_UNREACHABLE');
  assert.equal([state.unreachable_slaves, state.slaves.length], [1, 0]);
  assert.is((await cluster.json('/metrics/snapshot'))['master/tasks_unreachable'], 1);
  aware.driver.stop();
  cluster.pass(100);
  const after = await cluster.json('/state');
  assert.equal(after.frameworks, []);
  assert.is(after.completed_frameworks[0].name, 'aware');
  assert.is(after.completed_frameworks[0].active, false);
  assert.ok(after.completed_frameworks[0].unregistered_time > 0);
  assert.is((await cluster.json('/metrics/snapshot'))['master/tasks_unreachable'], 0);
});

test('while the state is written the cluster changes: each task is on it once, and none of those that stayed is missing', async () => {
  const cluster = await readsCluster();
  for (let n = 1; n <= 60; n++) cluster.addSlave(n, 'cpus:40;mem:40000');
  const framework = cluster.addFramework('one');
  let tasks = 0;
  const launched: string[] = [];
  framework.onOffers = (offers) => {
    for (const offer of offers)
      framework.driver.replyToOffer(
        [offer.id],
        Array.from({ length: 30 }, () => {
          const id = `t${tasks++}`;
          launched.push(id);
          return sleepTask(offer, id, tasks % 3 === 0 ? 100 + tasks : 1e7, 'cpus:1;mem:32');
        }),
        { refuseSeconds: 1 },
      );
  };
  cluster.pass(300);
  const { tasks: present } = [...cluster.reign.books.frameworks.values()][0] ?? {};
  const before = new Set(launched.filter((id) => present?.has(id)));
  assert.ok(before.size > 1000);
  const pieces: Buffer[] = [];
  await new Promise<void>((resolve) => {
    const path = '/state';
    request({ host: '127.0.0.1', port: cluster.port, path, agent: false }, (answer) => {
      answer.on('data', (piece) => {
        pieces.push(piece);
        cluster.pass(50);
      });
      answer.on('end', resolve);
    }).end();
  });
  const state = JSON.parse(Buffer.concat(pieces).toString('utf8'));
  const [told] = state.frameworks;
  const all = [...told.tasks, ...told.completed_tasks].map(({ id }: { id: string }) => id);
  assert.is(new Set(all).size, all.length);
  assert.equal(
    [...before].filter((id) => !all.includes(id)),
    [],
  );
  assert.ok(pieces.length > 3, `it came in ${pieces.length} pieces`);
});

test('JSONP calls the function that is named, and no other code', async () => {
  const cluster = await readsCluster();
  const script = await cluster.get('/state?jsonp=angular.callbacks._0');
  assert.is(script.headers['content-type'], 'text/javascript');
  const [, body = ''] = /^\/\*\*\/angular\.callbacks\._0\((.*)\);$/.exec(script.text) ?? [];
  assert.is(JSON.parse(body).id, cluster.reign.books.info.id);
  for (const name of ['alert(1)', 'a;b', 'a b', '', '1a', 'a..b', `a${'b'.repeat(200)}`, '</script>'])
    assert.is((await cluster.get(`/state?jsonp=${encodeURIComponent(name)}`)).status, 400, name);
});

test('names that frameworks and tasks give themselves are escaped', async () => {
  const cluster = await readsCluster();
  const name = `\u00e9 "quoted" \\ \u2028 </script> \u0007 \ud83d\ude00 \ud800`;
  cluster.addSlave(1);
  const framework = cluster.addFramework(name);
  cluster.pass(100);
  const offer = firstOffer(framework);
  framework.driver.replyToOffer(
    [offer.id],
    [{ ...sleepTask(offer, 'id "x"', 1e6), name, labels: [{ key: name }] }],
  );
  cluster.pass(100);
  const { text, bytes } = await cluster.get('/state');
  assert.is(text.length, bytes.length, 'it is ASCII');
  const [told] = JSON.parse(text).frameworks;
  assert.is(told.name, name);
  assert.is(told.tasks[0].name, name);
  assert.is(told.tasks[0].id, 'id "x"');
  assert.is(told.tasks[0].labels[0].key, name);
  assert.is((await cluster.get('/metrics/snapshot')).status, 200);
});

test('documents are for GET and HEAD, and are compressed for those who want that', async () => {
  const cluster = await busyCluster();
  assert.is((await cluster.post('{}')).status, 400);
  const refused = await new Promise<number | undefined>((resolve) =>
    request(
      { host: '127.0.0.1', port: cluster.port, path: '/state', method: 'POST', agent: false },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      },
    ).end(),
  );
  assert.is(refused, 405);
  const packed = await cluster.get('/state', { 'Accept-Encoding': 'gzip, deflate' });
  assert.is(packed.headers['content-encoding'], 'gzip');
  const { gunzipSync } = await import('node:zlib');
  assert.is(gunzipSync(packed.bytes).toString('utf8'), (await cluster.get('/state')).text);
});

test.run();
