import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Uri } from '../protocol/entities.ts';
import { findCgroups } from './cgroupRoot.ts';
import { cgroupsIsolation } from './cgroups.ts';
import { fetching } from './fetching.ts';
import type { ContainerSpec, Exit } from './isolation.ts';
import { type ClosableIsolation, processIsolation } from './process.ts';
import { sandboxOf } from './sandbox.ts';
import { mayMakeGroups, shellSpec } from './testContainers.ts';

const ROOT = `fetching-test-${process.pid}`;

interface World {
  folder: string;
  workDir: string;
  /** A server that answers when it is told to. */
  server: Server;
  at: string;
  asked: Promise<void>;
  answer: () => void;
}

/** An executor that wants something fetched. */
function wanting(uris: readonly Uri[], line: string, containerId = 'c1'): ContainerSpec {
  const spec = shellSpec(line, { cpus: 0.5, mem: 64 }, containerId);
  const { executorInfo } = spec;
  return { ...spec, executorInfo: { ...executorInfo, command: { ...executorInfo.command, uris } } };
}

function testsOf(name: string, isolate: (workDir: string) => ClosableIsolation): void {
  const test = suite<World>(`fetching, with ${name} isolation`);
  test.before.each(async (world) => {
    world.folder = mkdtempSync(join(tmpdir(), 'fetching-'));
    world.workDir = mkdtempSync(join(world.folder, 'work-'));
    const asked = Promise.withResolvers<void>();
    world.asked = asked.promise;
    world.server = createServer((_request, response) => {
      world.answer = () => response.end('content');
      asked.resolve();
    });
    await new Promise<void>((resolve) => world.server.listen(0, '127.0.0.1', resolve));
    world.at = `http://127.0.0.1:${(world.server.address() as AddressInfo).port}`;
  });
  test.after.each(({ folder, server }) => {
    server.close().closeAllConnections();
    rmSync(folder, { recursive: true });
  });

  test('an executor starts when what it wants is there', async (world) => {
    const { workDir, at, asked } = world;
    const isolation = fetching(isolate(workDir), { workDir });
    const exit = Promise.withResolvers<Exit>();
    const started = Promise.withResolvers<void>();
    const spec = wanting([{ value: `${at}/it` }], 'cat it; until [ -e go ]; do sleep 0.01; done');
    const container = isolation.launch(spec, { exited: exit.resolve, started: started.resolve });
    assert.ok(container.isFetching);
    container.update?.({ cpus: 1, mem: 64 });
    await asked;
    assert.is(container.state, undefined);
    assert.equal([...isolation.fetchingInto()], [sandboxOf(workDir, spec)]);
    assert.not(existsSync(join(sandboxOf(workDir, spec), 'stdout')));
    world.answer();
    await started.promise;
    assert.not(container.isFetching);
    assert.equal([...isolation.fetchingInto()], []);
    assert.type((container.state as { pid: number }).pid, 'number');
    assert.ok((container.usage?.()?.memBytes ?? -1) >= 0);
    writeFileSync(join(sandboxOf(workDir, spec), 'go'), '');
    assert.equal(await exit.promise, { status: 0 });
    assert.is(readFileSync(join(sandboxOf(workDir, spec), 'stdout'), 'utf8'), 'content');
    await isolation.close();
  });

  test('one that wants nothing starts at once', async ({ workDir }) => {
    const isolation = fetching(isolate(workDir), { workDir });
    const exit = Promise.withResolvers<Exit>();
    const container = isolation.launch(shellSpec('exit 3'), { exited: exit.resolve });
    assert.not(container.isFetching);
    assert.is.not(container.state, undefined);
    assert.is((await exit.promise).status, 3);
    await isolation.close();
  });

  test('one whose URI cannot be fetched never starts, and says which and why', async ({ workDir }) => {
    const isolation = fetching(isolate(workDir), { workDir });
    const exit = Promise.withResolvers<Exit>();
    const spec = wanting([{ value: '/no/such/file' }], 'echo it runs');
    isolation.launch(spec, { exited: exit.resolve, started: () => assert.unreachable('it has started') });
    const { status, reason, message = '' } = await exit.promise;
    assert.equal([status, reason], [126, 'REASON_CONTAINER_LAUNCH_FAILED']);
    assert.match(message, /^The URI '\/no\/such\/file' cannot be fetched: ENOENT/);
    assert.is(readFileSync(join(sandboxOf(workDir, spec), 'stderr'), 'utf8'), `${message}\n`);
    await isolation.close();
  });

  for (const [how, end] of [
    ['destroyed', (_: ClosableIsolation, destroy: () => void): void => destroy()],
    ['closed', (isolation: ClosableIsolation): void => void isolation.close()],
  ] as const)
    test(`the fetch ends when its container is ${how}`, async ({ workDir, at, asked }) => {
      const isolation = fetching(isolate(workDir), { workDir });
      const exit = Promise.withResolvers<Exit>();
      const spec = wanting([{ value: `${at}/it` }], 'echo it runs');
      const container = isolation.launch(spec, {
        exited: exit.resolve,
        started: () => assert.unreachable('it has started'),
      });
      await asked;
      end(isolation, () => container.destroy());
      assert.equal(await exit.promise, { status: 137 });
      assert.not(existsSync(join(sandboxOf(workDir, spec), 'stdout')));
      await isolation.close();
    });

  test('a sandbox that cannot be made is told', async ({ workDir }) => {
    writeFileSync(join(workDir, 'slaves'), 'in the way');
    const exit = Promise.withResolvers<Exit>();
    fetching(isolate(workDir), { workDir }).launch(wanting([{ value: '/x' }], 'true'), {
      exited: exit.resolve,
    });
    assert.match((await exit.promise).message ?? '', /sandbox .* cannot be made/);
  });

  test.run();
}

const passingOn = suite('fetching');
passingOn('what is told while the fetch lasts, and afterwards, reaches the container', async () => {
  const workDir = mkdtempSync(join(tmpdir(), 'fetching-'));
  const told: string[] = [];
  const inner: ClosableIsolation = {
    launch: () => ({
      update: ({ cpus }) => void told.push(`update ${cpus}`),
      destroy: () => void told.push('destroy'),
    }),
    recover() {
      throw new Error('nothing is to be recovered');
    },
    async close() {
      told.push('close');
    },
  };
  writeFileSync(join(workDir, 'it'), 'content');
  const isolation = fetching(inner, { workDir });
  const started = Promise.withResolvers<void>();
  const spec = wanting([{ value: join(workDir, 'it') }], 'true');
  const container = isolation.launch(spec, { exited: () => assert.unreachable(), started: started.resolve });
  container.update?.({ cpus: 1 });
  container.update?.({ cpus: 2 });
  await started.promise;
  container.update?.({ cpus: 3 });
  container.destroy();
  await isolation.close();
  assert.equal(told, ['update 2', 'update 3', 'destroy', 'close']);
  rmSync(workDir, { recursive: true });
});
passingOn.run();

testsOf('process', (workDir) => processIsolation({ workDir }));
if (mayMakeGroups(ROOT)) {
  const found = findCgroups(ROOT);
  if (found.is === 'unusable') throw new Error(found.why);
  testsOf('cgroups', (workDir) => cgroupsIsolation({ workDir, root: found.root }));
  const last = suite('fetching');
  last('leaves no groups', () => found.release());
  last.run();
}
