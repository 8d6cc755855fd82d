/** Daemons with secrets and certificates, as processes: who gets in, and that a job runs all the same. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { $ } from 'zx';
import { LAB, localMachines } from '../../infra/local.ts';
import type { Machine, RunningProcess } from '../../infra/machine.ts';
import { testAuthority } from '../../mesos/runtime/testCertificates.ts';
import { exitInWords, listening } from '../run/deployment.ts';
import { environmentVariables, executorKey, readSecurity } from './security.ts';
import { RANKS } from './testRanks.ts';
import { assertRefused } from './testRefusal.ts';

const test = suite<{ folder: string }>('security of daemons');

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'lab-security-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const lab = $({ nothrow: true, quiet: true, stdio: ['ignore', 'pipe', 'pipe'] });

function writer(folder: string): (name: string, text: string) => string {
  return (name, text) => {
    const file = join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
}

/** Longest wait for anything: so long only where it would be for ever. */
const LIMIT_MS = 120_000;

/** The same promise, or an error that says what did not happen. */
async function soon<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain: ${what}`)), LIMIT_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

test('with certificates and principals a job runs, and who has the wrong ones is told', async ({
  folder,
}) => {
  const write = writer(folder);
  const authority = testAuthority();
  const ca = write('ca', authority.ca);
  const tls = (name: string, of = authority): string[] => {
    const { own } = of.issue(name);
    const file = of === authority ? name : `${name}-of-another`;
    const files = ['--tls_cert', write(`${file}.cert`, own.cert), '--tls_key', write(`${file}.key`, own.key)];
    return [...files, '--tls_ca', ca];
  };
  const credentials = [
    { principal: 'slaves', secret: 'toil' },
    { principal: 'ranks', secret: 'order' },
  ];
  const config = write('job.json', JSON.stringify(RANKS));
  await using machines = await localMachines(join(folder, 'machines'), ['head', 'node']);
  const [head, node] = machines.machines as [Machine, Machine];
  const start = (machine: Machine, name: string, args: readonly string[]): Promise<RunningProcess> =>
    machine.start({ name, program: LAB, arguments: args });

  const master = await start(head, 'master', [
    ...['master', '--ip', '127.0.0.1', '--port', '0', ...tls('master')],
    ...['--credentials', write('credentials', JSON.stringify({ credentials }))],
  ]);
  const where = ['--master', await listening(master)];
  const slave = await start(node, 'slave', [
    ...[
      'slave',
      ...where,
      '--ip',
      '127.0.0.1',
      '--port',
      '0',
      '--resources',
      'cpus:2;mem:256',
      ...tls('slave'),
    ],
    ...['--work_dir', join(node.folder, 'work'), '--credential', write('slave.credential', 'slaves toil\n')],
  ]);
  await slave.waitForLine(/^registered as /);
  const framework = ['framework', 'mpi', '--config', config, ...where];

  const wrong = write('wrong.credential', 'ranks disorder');
  for (const [name, args, complaint] of [
    ['wrong-secret', [...tls('ranks'), '--credential', wrong], /no link to .*: wrong principal or secret/],
    ['no-secret', tls('ranks'), /no link to .*: a secret is needed/],
    ['in-clear', ['--credential', wrong], /no link to .*: TLS is needed here/],
    [
      'another-authority',
      [...tls('ranks', testAuthority()), '--credential', wrong],
      /no link to .*: our certificate is not signed by the authority/,
    ],
  ] as const) {
    const refused = await start(head, name, [...framework, ...args]);
    await refused.waitForLine(complaint);
    await refused.stop();
  }
  const right = ['--credential', write('framework.credential', '{"principal":"ranks","secret":"order"}')];
  const running = await start(head, 'ranks', [...framework, ...right, ...tls('ranks')]);
  const exit = await soon('the end of the job', running.exited);
  assert.is(exit.code, 0, exitInWords(running, exit));
});

test('files that are wrong are refused with one sentence', async ({ folder }) => {
  const write = writer(folder);
  const { ca, own } = testAuthority().issue('x');
  const other = testAuthority().issue('x').own;
  const certificates = ['--tls_ca', write('ca', ca), '--tls_cert', write('cert', own.cert), '--tls_key'];
  const key = write('key', own.key);
  for (const [args, exitCode, complaint] of [
    [['--tls_cert', key], 1, /--tls_cert, --tls_key and --tls_ca are needed together/],
    [['--credentials', '/no/such/file'], 1, /--credentials \/no\/such\/file cannot be read/],
    [['--credentials', write('a', 'one two three')], 1, /neither lines of PRINCIPAL SECRET nor JSON such as/],
    [['--credentials', write('b', '{"credentials":[{}]}')], 1, /neither lines of PRINCIPAL SECRET nor JSON/],
    [['--credentials', write('c', 'a b\na c')], 5, /two secrets of 'a'/],
    [['--credentials', write('d', 'executor/1 b')], 5, /are for executors/],
    [['--secret_file', write('e', '\n')], 1, /is empty/],
    [[...certificates, write('f', other.key)], 5, /the key is not that of the certificate/],
    [[...certificates, write('g', 'nonsense')], 5, /the key is not in PEM/],
    [['--tls_ca', key, '--tls_cert', key, '--tls_key', key], 5, /the authority's certificate is not in PEM/],
    [
      ['--ip', '0.0.0.0', '--advertise_ip', '127.0.0.1'],
      5,
      /give a secret or certificates, or listen on 127/,
    ],
  ] as const)
    await assertRefused(['master', '--port', '0', ...args], exitCode, complaint);
});

test('a credential may be a line or JSON, and credentials many of either', ({ folder }) => {
  const write = writer(folder);
  const one = { principal: 'a', secret: 's' };
  for (const text of ['a s', ' a \t s \n', JSON.stringify(one), JSON.stringify({ credentials: [one] })])
    assert.equal(readSecurity({ credential: write('one', text) }), { credential: one });
  for (const text of ['a s\nb t', JSON.stringify({ credentials: [one, { principal: 'b', secret: 't' }] })])
    assert.equal(readSecurity({ credentials: write('two', text) }).credentials?.length, 2);
  assert.throws(() => readSecurity({ credential: write('two', 'a s\nb t') }), /one principal and its secret/);
});

test('the key of the executors is made once, and only its owner may read it', async ({ folder }) => {
  const key = executorKey(folder);
  assert.is(executorKey(folder), key);
  assert.is((await lab`stat -c %a ${join(folder, 'executor_key')}`).stdout.trim(), '600');
  writeFileSync(join(folder, 'executor_key'), 'short');
  assert.throws(() => executorKey(folder), /is damaged; remove it/);
  assert.is(readFileSync(join(folder, 'executor_key'), 'utf8'), 'short');
});

test('variables for executors are JSON, or a file of it', ({ folder }) => {
  const file = writer(folder)('variables', '{"A":"b"}');
  assert.equal(environmentVariables(`file://${file}`), { A: 'b' });
  assert.equal(environmentVariables('{}'), {});
  for (const text of ['', '[]', '{"A":1}', 'A=b'])
    assert.throws(() => environmentVariables(text), /must be a JSON object of texts/);
});

test.run();
