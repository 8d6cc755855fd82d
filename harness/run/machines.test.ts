import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { localMachines } from '../../infra/local.ts';
import type { MachineProvider } from '../../infra/machine.ts';
import { MachineError } from '../../infra/nodeDaemon/connect.ts';
import { providerFor } from './machines.ts';
import { lookAt, spanBetween } from './machinesLook.ts';

test('who cannot have namespaces gets local machines where these will do, and a sentence where not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'machines-'));
  const { PATH } = process.env;
  process.env.PATH = folder;
  try {
    const provide = providerFor({ kind: 'netns', otherwise: 'local' }, undefined);
    await using machines = await provide(join(folder, 'local'), ['a']);
    assert.is(machines.machines[0]?.ip, '127.0.0.1');
    const look = await lookAt({ ...machines, machines: [] });
    assert.match(spanBetween(machines, look, look).used.instead ?? '', /need ip, which is not installed/);
    const insisting = providerFor({ kind: 'netns' }, undefined);
    const error = await insisting(join(folder, 'netns'), ['a']).then(
      () => undefined,
      ({ message }: Error) => message,
    );
    assert.match(error ?? '', /need ip, which is not installed/);
  } finally {
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true, force: true });
  }
});

test('what goes wrong on a machine is told with its name, once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'machines-'));
  try {
    await using local = await localMachines(folder, ['a']);
    const lost = new MachineError('a', 'it is lost', true);
    const machines = local.machines.map((machine) => ({ ...machine, list: () => Promise.reject(lost) }));
    const given: MachineProvider = async () => ({ ...local, machines });
    const [machine] = (await providerFor({ kind: 'local' }, given)('', ['a'])).machines;
    const told = (work: Promise<unknown> | undefined): Promise<string> =>
      Promise.resolve(work).then(
        () => 'it went well',
        ({ message }: Error) => message,
      );
    assert.match(await told(machine?.read('nothing')), /^machine a: ENOENT: /);
    assert.is(await told(machine?.list('.')), 'machine a: it is lost');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('machines of the user are never limited', async () => {
  const given = async () => assert.unreachable('they were provisioned');
  for (const limits of [{ networkBitsPerSecond: 1e6 }, { smallDisks: { of: ['a'], bytes: 1e6 } }]) {
    const provide = providerFor({ kind: 'netns', ...limits }, given as never);
    const error = await provide('/nowhere', ['a']).then(
      () => undefined,
      ({ message }: Error) => message,
    );
    assert.match(error ?? '', /leave --on out/);
  }
});

test.run();
