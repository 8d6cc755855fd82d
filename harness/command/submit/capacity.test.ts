/** What people are told of jobs for which a cluster has no room, whatever else runs there. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import type { JobNeeds } from '../../../frameworks/jobBoard.ts';
import { writeRecord } from '../../../infra/deployments/record.ts';
import { CLUSTER_FILE, type ClusterFlags } from '../clusterFile.ts';
import type { MasterReader } from '../masterReads.ts';
import { misfit, readCapacity, remediesFor } from './capacity.ts';

const SMALLER = 'ask for less';
const SLOT = { cpus: 1, mem: 1024 };

/** A slave as a master tells of it. */
const slave = (resources: object, unreserved: object = resources, active = true, hostname = 'node') => ({
  active,
  hostname,
  resources: { cpus: 0, disk: 0, gpus: 0, mem: 0, ...resources },
  unreserved_resources: { cpus: 0, disk: 0, gpus: 0, mem: 0, ...unreserved },
});

interface TestMaster {
  readonly slaves: readonly object[];
  readonly quotas?: readonly object[];
  readonly role?: object;
  /** Where the framework's file servers are. */
  readonly hosts?: readonly string[];
  readonly flags?: ClusterFlags;
}

/** What is told of so many tasks of framework F that need this. */
async function told(
  { slaves, quotas = [], role = { role: 'gold' }, hosts, flags = {} }: TestMaster,
  needs: JobNeeds | undefined,
  total = 1,
): Promise<string | undefined> {
  const answers: Readonly<Record<string, unknown>> = {
    '/slaves': { slaves },
    '/quota': { infos: [], configs: quotas },
    '/frameworks?framework_id=F': { frameworks: [{ id: 'F', name: 'f', ...role }] },
  };
  const get: MasterReader['get'] = async (shape, path) => v.parse(shape, answers[path]);
  const capacity = await readCapacity({ get } as MasterReader, 'F', hosts);
  const job = { tasks: { total, running: 0, finished: 0 }, ...(needs !== undefined && { needs }) };
  return misfit(capacity, job, remediesFor(flags, SMALLER));
}

test('a task that is larger than every slave never runs, one that fits somewhere may', async () => {
  const slaves = [slave({ cpus: 8, mem: 512 }), slave({ cpus: 1, mem: 900, disk: 10 })];
  assert.is(
    await told({ slaves }, { slot: SLOT }),
    'a task needs cpus:1;mem:1024 and no slave is so large, the largest has cpus:1;mem:900: ask for less',
  );
  assert.is(await told({ slaves: [...slaves, slave(SLOT)] }, { slot: SLOT }), undefined);
  assert.match((await told({ slaves }, { slot: { gpus: 1 } })) ?? '', /the largest has gpus:0: /);
  const own = [slave({ licences: 3, ports: '[31000-31001, 31005-31005]' })];
  assert.is(await told({ slaves: own }, { slot: { licences: 3, ports: 3 } }), undefined);
});

test('slaves that are not active are none, and of needs that are not told nothing is said', async () => {
  assert.match((await told({ slaves: [] }, { slot: SLOT })) ?? '', /^the master has no slaves: start one/);
  const slaves = [slave(SLOT, SLOT, false)];
  assert.match((await told({ slaves }, { slot: SLOT })) ?? '', /that are active: they are deactivated/);
  assert.is(await told({ slaves: [slave(SLOT)] }, undefined), undefined);
});

test('where slaves have ended that were started together, it is told how that is done again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-capacity-'));
  const store = { master: 'm:1', namenode: 'n:2' };
  writeFileSync(join(folder, CLUSTER_FILE), JSON.stringify(store));
  const flags = { cluster: folder, ...store };
  const withoutServer = { slaves: [slave(SLOT)], hosts: ['gone'] };
  const tellAll = async () => {
    const masters = [{ slaves: [] }, { slaves: [slave(SLOT, SLOT, false)] }, withoutServer];
    return Promise.all(masters.map((master) => told({ ...master, flags }, { slot: SLOT })));
  };
  try {
    for (const sentence of await tellAll())
      assert.match(
        sentence ?? '',
        `end the cluster in ${folder}, and start it again with the same 'lab cluster'`,
      );
    writeRecord(folder, {
      ...{ schemaVersion: 1, name: 'four', madeAt: '', asked: { kind: 'local', names: ['one'] }, plan: null },
      ...{ state: 'running', machines: [], processes: [] },
    });
    for (const sentence of await tellAll()) {
      assert.match(sentence ?? '', "start what has ended of 'four' again with the same 'lab up'");
      assert.not.match(sentence ?? '', /lab slave|lab fileserver/);
    }
    const other = await told({ ...withoutServer, flags: { ...flags, namenode: 'other:2' } }, { slot: SLOT });
    assert.match(other ?? '', /'lab fileserver'$/, 'of a store that is not of this cluster');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the executor needs room, too', async () => {
  const slaves = [slave({ cpus: 1, mem: 1500 })];
  const executor = { mem: 512 };
  assert.is(
    await told({ slaves }, { slot: SLOT, executor }),
    'a task needs cpus:1;mem:1024 beside mem:512 for its executor and no slave is so large, the largest has cpus:1;mem:1500: ask for less',
  );
  assert.is(await told({ slaves: [slave({ cpus: 1, mem: 1536 })] }, { slot: SLOT, executor }), undefined);
});

test('who needs file servers has no use for slaves without', async () => {
  const slaves = [slave(SLOT), slave({ cpus: 1, mem: 512 }, undefined, true, 'store')];
  assert.is(
    await told({ slaves, hosts: ['store', 'gone'] }, { slot: SLOT }),
    'a task needs cpus:1;mem:1024 and no slave with a file server is so large, the largest has cpus:1;mem:512: ask for less',
  );
  assert.is(
    await told({ slaves, hosts: ['gone'] }, { slot: SLOT }),
    "none of the slaves that are active has a file server: start one beside each with 'lab fileserver'",
  );
  assert.is(await told({ slaves, hosts: ['node'] }, { slot: SLOT }), undefined);
});

test('what is reserved is for nobody here', async () => {
  const slaves = [slave({ cpus: 8, mem: 8192 }, { cpus: 2, mem: 8192 })];
  assert.is(
    await told({ slaves }, { slot: { cpus: 4, mem: 64 } }),
    'a task needs cpus:4;mem:64 and no slave is so large, the largest has cpus:2;mem:8192 that is not reserved: ask for less',
  );
  assert.match(
    (await told({ slaves }, { slot: SLOT, atOnce: { what: 'ranks' } }, 3)) ?? '',
    /have room for 2 beside what is reserved: /,
  );
});

test('those that run at the same time need room for all of them, at most so many on each slave', async () => {
  const slaves = [slave({ cpus: 8, mem: 8192 }), slave({ cpus: 1, mem: 8192 })];
  const spread: JobNeeds = { slot: SLOT, atOnce: { what: 'instances', perSlave: 3 } };
  assert.is(
    await told({ slaves }, spread, 5),
    'its 5 instances run at the same time, each with cpus:1;mem:1024, and the slaves have room for 4, at most 3 on each: ask for fewer with -n, ask for less, or add slaves',
  );
  assert.is(await told({ slaves }, spread, 4), undefined);
  const ranks: JobNeeds = { slot: SLOT, atOnce: { what: 'ranks' } };
  assert.is(await told({ slaves }, ranks, 9), undefined);
  assert.match((await told({ slaves }, ranks, 10)) ?? '', /its 10 ranks .* have room for 9: ask for fewer/);
  assert.is(await told({ slaves }, { slot: SLOT }, 10), undefined, 'one after the other');
});

test('a framework that holds no more than it is guaranteed never runs what needs more', async () => {
  const slaves = [slave({ cpus: 8, mem: 8192 })];
  const ranks = (most: number): JobNeeds => ({ slot: SLOT, atOnce: { what: 'ranks', most } });
  assert.is(
    await told({ slaves }, ranks(1), 4),
    'its 4 ranks run at the same time, each with cpus:1;mem:1024, and the framework holds no more than it is guaranteed, which is room for 1: ask for fewer with -n, or guarantee it more',
  );
  assert.is(await told({ slaves }, ranks(4), 4), undefined);
});

test('nobody has more than the quota of the role allows', async () => {
  const slaves = [slave({ cpus: 8, mem: 8192 })];
  const quotas = [{ role: 'gold', guarantees: {}, limits: { cpus: { value: 2 } } }];
  const large = { slot: { cpus: 3, mem: 4096 } };
  assert.is(
    await told({ slaves, quotas }, large),
    "a task needs cpus:3;mem:4096 and the quota of role 'gold' is cpus:2: raise the quota, or ask for less",
  );
  const executor = { cpus: 1 };
  assert.match((await told({ slaves, quotas }, { slot: { cpus: 1.5 }, executor })) ?? '', /quota of role/);
  assert.match((await told({ slaves, quotas, role: { roles: ['gold'] } }, large)) ?? '', /quota of role/);
  assert.is(await told({ slaves, quotas, role: { role: '*' } }, large), undefined);
  assert.is(await told({ slaves, quotas: [{ role: 'gold' }] }, large), undefined);
  const ranks: JobNeeds = { slot: SLOT, atOnce: { what: 'ranks' } };
  assert.is(await told({ slaves, quotas }, ranks, 2), undefined);
  assert.is(
    await told({ slaves, quotas }, ranks, 3),
    "its 3 ranks run at the same time, each with cpus:1;mem:1024, and the quota of role 'gold' has room for 2: ask for fewer with -n, raise the quota, or ask for less",
  );
});

test.run();
