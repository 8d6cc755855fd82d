/** `lab framework --api v1`: what its flags may say, and a job over TLS with a principal, as processes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TorqueSummary } from '../../frameworks/torque/summary.ts';
import { LAB, localMachines } from '../../infra/local.ts';
import type { Machine, RunningProcess } from '../../infra/machine.ts';
import { testAuthority } from '../../mesos/runtime/testCertificates.ts';
import { exitInWords, listening } from '../run/deployment.ts';
import { RANKS } from './testRanks.ts';
import { assertRefused } from './testRefusal.ts';

const test = suite<{ folder: string; write: (name: string, text: string) => string }>('the v1 API of lab');

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'lab-v1-'));
  context.write = (name, text) => {
    const file = join(context.folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

test('flags that do not go together are refused with one sentence', async ({ write }) => {
  const [credential, token] = [write('credential', 'me secret'), write('token', 'word')];
  const v1 = ['--api', 'v1', '--master', 'http://127.0.0.1:5050'];
  for (const [args, complaint] of [
    [['--api', 'v1', '--slaves', '1'], /--api v1 needs --master/],
    [['--api', 'v2', '--master', 'a:1'], /Allowed choices are links, v1/],
    [[...v1, '--standby', '--framework_id', 'f'], /--standby is not for --api v1/],
    [[...v1, '--guarantee', 'cpus:1'], /--guarantee is not for --api v1.*give the role a quota/],
    [[...v1, '--credential', credential], /with --api v1 give --http_credential/],
    [
      [...v1, '--http_credential', credential, '--http_token', token],
      /either --http_credential or --http_token/,
    ],
    [[...v1, '--http_credential', write('colon', 'a:b secret')], /principal 'a:b' has a colon/],
    [[...v1, '--http_token', write('words', 'two words')], /has no token/],
    [[...v1, '--tls_cert', credential], /--tls_cert and --tls_key are needed together/],
    [[...v1, '--http_content_type', 'xml'], /Allowed choices are json, protobuf/],
    [['--api', 'v1', '--master', 'nonsense://a'], /--master: 'nonsense:\/\/a' is no master/],
    [['--api', 'v1', '--master', 'http://me:x@a:1'], /--master: a master is named without a user/],
    [['--master', 'a:1', '--http_token', token], /--http_token is for --api v1/],
  ] as const)
    await assertRefused(['framework', 'mpi', '--config', '/dev/null', ...args], 1, complaint);
});

test('an MPI job finds the same over links and over HTTPS, and who has the wrong secret is told', async ({
  folder,
  write,
}) => {
  const authority = testAuthority();
  const ca = write('ca', authority.ca);
  const tls = (name: string): string[] => {
    const { own } = authority.issue(name);
    const files = ['--tls_cert', write(`${name}.cert`, own.cert), '--tls_key', write(`${name}.key`, own.key)];
    return [...files, '--tls_ca', ca];
  };
  const config = write('job.json', JSON.stringify(RANKS));
  const credentials = [
    { principal: 'slaves', secret: 'toil' },
    { principal: 'ranks', secret: 'order' },
  ];
  await using machines = await localMachines(join(folder, 'machines'), ['head', 'node']);
  const [head, node] = machines.machines as [Machine, Machine];
  const start = (machine: Machine, name: string, args: readonly string[]): Promise<RunningProcess> =>
    machine.start({ name, program: LAB, arguments: args });
  const master = await start(head, 'master', [
    ...['master', '--port', '0', ...tls('master')],
    ...['--credentials', write('credentials', JSON.stringify({ credentials }))],
  ]);
  const where = ['--master', await listening(master)];
  const slave = await start(node, 'slave', [
    ...['slave', ...where, '--port', '0', '--resources', 'cpus:2;mem:256', ...tls('slave')],
    ...['--work_dir', join(node.folder, 'work'), '--credential', write('slave.credential', 'slaves toil')],
  ]);
  await slave.waitForLine(/^registered as /);

  const right = write('right', 'ranks order');
  const results: unknown[] = [];
  for (const [name, flags] of [
    ['over-links', ['--credential', right, ...tls('ranks')]],
    ['with-a-password', ['--api', 'v1', '--tls_ca', ca, '--http_credential', right]],
    ['with-a-certificate', ['--api', 'v1', ...tls('ranks'), '--http_content_type', 'protobuf']],
  ] as const) {
    const summary = join(folder, `${name}.json`);
    const args = ['framework', 'mpi', '--config', config, '--summary', summary, ...where, ...flags];
    const running = await start(head, name, args);
    const exit = await running.exited;
    assert.is(exit.code, 0, exitInWords(running, exit));
    const { jobs }: TorqueSummary = JSON.parse(readFileSync(summary, 'utf8'));
    results.push(jobs.map(({ id, outcome, result }) => ({ id, outcome, ...result, seconds: undefined })));
  }
  assert.equal(results[1], results[0]);
  assert.equal(results[2], results[0]);

  const wrong = ['--api', 'v1', '--tls_ca', ca, '--http_credential', write('wrong', 'ranks disorder')];
  const refused = await start(head, 'refused', ['framework', 'mpi', '--config', config, ...where, ...wrong]);
  assert.is((await refused.exited).code, 2);
  assert.match(
    refused.lastLines().join('\n'),
    /the master refused the framework: https:\S+ 401 Unauthorized/,
  );
});

test.run();
