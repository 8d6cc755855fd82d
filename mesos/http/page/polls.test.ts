import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { polls } from './polls.ts';

interface World {
  fetch: typeof fetch;
}

const test = suite<World>('what the page asks for now and then');

test.before((world) => {
  world.fetch = globalThis.fetch;
});
test.after((world) => {
  globalThis.fetch = world.fetch;
});

test('quotas that could not be had once are asked for again', async () => {
  let isThere = false;
  globalThis.fetch = async (path, init) => {
    if (path === '/roles') return Response.json({ roles: [{ name: 'gold' }] });
    if (!`${init?.body}`.includes('GET_QUOTA')) return Response.json({});
    if (!isThere) return new Response('No leader elected', { status: 503 });
    const configs = [{ role: 'gold', limits: { cpus: { value: 4 } } }];
    return Response.json({ get_quota: { status: { configs } } });
  };
  let told = Promise.withResolvers<void>();
  const sources = polls(() => told.resolve());
  const ask = async (): Promise<void> => {
    sources.wake([{ is: 'roles' }]);
    while (sources.roles.value === undefined && sources.roles.trouble === undefined) {
      await told.promise;
      told = Promise.withResolvers();
    }
  };
  await ask();
  assert.is(sources.roles.trouble, 'No leader elected');
  isThere = true;
  sources.forget();
  await ask();
  assert.equal(
    sources.roles.value?.map(({ limit }) => limit),
    [{ cpus: 4 }],
  );
});

test('what is forgotten while it is asked for is asked for again at once', async () => {
  const answers: ((id: string) => void)[] = [];
  globalThis.fetch = (_path, init) => {
    if (!`${init?.body}`.includes('GET_MASTER')) return Promise.resolve(Response.json({}));
    return new Promise((resolve) => {
      answers.push((id) => resolve(Response.json({ get_master: { master_info: { id } } })));
    });
  };
  const told = Promise.withResolvers<void>();
  const sources = polls(() => told.resolve());
  sources.wake([]);
  sources.forget();
  sources.wake([]);
  assert.is(answers.length, 2);
  answers[0]?.('former');
  answers[1]?.('next');
  await told.promise;
  assert.is(sources.master.value?.id, 'next');
});

test.run();
