import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { flagTexts, readHttpAccess } from './httpFlags.ts';

interface World {
  folder: string;
  file(name: string, text: string): string;
}

const test = suite<World>('who may ask over HTTP');

test.before.each((world) => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-http-flags-'));
  const file: World['file'] = (name, text) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  Object.assign(world, { folder, file });
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const basic = (name: string, password: string): string =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

test('without secrets anybody may, who knows what the daemon is called', () => {
  const { authenticate, hosts } = readHttpAccess({}, {}, ['Node1', undefined, '10.0.0.2']);
  assert.equal(authenticate(undefined, undefined), { is: 'known', principal: undefined });
  assert.ok(['localhost', 'node1', '10.0.0.2'].every((name) => hosts?.has(name)));
});

test('principals have passwords and tokens', ({ file }) => {
  const flags = {
    http_credentials: file('passwords', 'ann secret1\nbob secret2\n'),
    http_tokens: file('tokens', '{"credentials":[{"principal":"eve","secret":"token3"}]}'),
  };
  const { authenticate, hosts } = readHttpAccess(flags, {}, []);
  assert.is(hosts, undefined);
  assert.equal(authenticate(basic('bob', 'secret2'), undefined), { is: 'known', principal: 'bob' });
  assert.equal(authenticate('Bearer token3', undefined), { is: 'known', principal: 'eve' });
  assert.is(authenticate(basic('bob', 'secret1'), undefined).is, 'unknown');
  assert.is(authenticate(undefined, undefined).is, 'unknown');
});

test('who may connect otherwise may ask', () => {
  const credentials = [{ principal: 'hadoop', secret: 's' }];
  const tls = { ca: '' };
  assert.is(
    readHttpAccess({}, { credentials }, []).authenticate(basic('hadoop', 's'), undefined).is,
    'known',
  );
  assert.is(readHttpAccess({}, { secret: 's' }, []).authenticate('Bearer s', undefined).is, 'known');
  assert.is(readHttpAccess({}, { tls }, []).authenticate(undefined, 'ann').is, 'known');
  for (const security of [{ credentials }, { secret: 's' }, { tls }])
    assert.is(readHttpAccess({}, security, []).authenticate(undefined, undefined).is, 'unknown');
});

test('where only the daemon itself has a secret, nobody may', () => {
  const credential = { principal: 'slave1', secret: 's' };
  const { authenticate } = readHttpAccess({}, { credential }, []);
  assert.is(authenticate(basic('slave1', 's'), undefined).is, 'unknown');
  assert.is(authenticate(undefined, undefined).is, 'unknown');
});

test('flags are told as texts, without what is secret', () => {
  const flags = {
    port: 5051,
    gc_delay: 1000,
    checkpoint: true,
    resources: { cpus: 4, mem: 64 },
    http_allowed_origins: ['http://a', 'http://b'],
    hostname: undefined,
    executor_environment_variables: { SECRET: 's' },
  };
  assert.equal(flagTexts(flags), {
    port: '5051',
    gc_delay: '1000ms',
    checkpoint: 'true',
    resources: 'cpus:4;mem:64',
    http_allowed_origins: 'http://a,http://b',
  });
});

test('files that name nobody, or with an empty secret, are told', ({ file }) => {
  const empty = file('empty', '{"credentials":[]}');
  assert.throws(() => readHttpAccess({ http_tokens: empty }, {}, []), /--http_tokens: .* names nobody/);
  const blank = file('blank', '{"principal":"ann","secret":""}');
  assert.throws(() => readHttpAccess({ http_credentials: blank }, {}, []), /has an empty name or secret/);
});

test.run();
