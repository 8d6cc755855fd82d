import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { main as wordcount } from './apps/wordcount.ts';
import { readSparkConfig } from './config.ts';
import { prepareSpark } from './prepare.ts';
import { taskFunctions } from './program/functions.ts';

const COMMAND = { shell: false, value: 'x', arguments: [], environment: {} };
const CONFIG = { name: 'app', app: 'pi', executor: { command: COMMAND } };
const NODES = { node1: { url: 'http://127.0.0.1:1', dir: '/tmp' } };

async function refusal(config: unknown, secret = ''): Promise<string> {
  return prepareSpark(config, { secret }).then(
    () => 'none',
    (error: Error) => error.message,
  );
}

test('a configuration that is wrong is refused in a sentence', async () => {
  assert.is((await prepareSpark(CONFIG)).name, 'app');
  const wrong: readonly (readonly [config: unknown, expected: RegExp])[] = [
    [undefined, /^Spark configuration: the configuration: /],
    [{ ...CONFIG, name: '' }, /^Spark configuration: name: /],
    [{ ...CONFIG, mode: 'both' }, /^Spark configuration: mode: /],
    [{ ...CONFIG, slot: {} }, /^Spark configuration: slot: a slot needs some resource\.$/],
    [{ ...CONFIG, localityWaitMs: -1 }, /^Spark configuration: localityWaitMs: /],
    [{ ...CONFIG, app: 'nothing' }, /^There is no application 'nothing'; there is .*pi/],
    [{ ...CONFIG, app: '/nowhere/app.ts' }, /^The application \/nowhere\/app\.ts cannot be loaded: /],
    [{ ...CONFIG, nodes: NODES }, /^The application has no secret .*set HADOOP_FILE_SECRET\.$/],
  ];
  for (const [config, expected] of wrong) assert.match(await refusal(config), expected);
  assert.is(await refusal({ ...CONFIG, nodes: NODES }, 'a secret'), 'none');
});

test('half of the memory of an executor is for cached partitions, unless something else is said', () => {
  const cacheOf = (more: object): number => readSparkConfig({ ...CONFIG, ...more }).cacheBytes;
  const mib = 1024 * 1024;
  assert.is(cacheOf({}), 256 * mib);
  assert.is(cacheOf({ executor: { command: COMMAND, resources: { mem: 1000 } } }), 500 * mib);
  assert.is(cacheOf({ executor: { command: COMMAND, resources: { cpus: 1 } } }), 256 * mib);
  assert.is(cacheOf({ cacheBytes: 7 }), 7);
});

test('a module without main is refused in a sentence', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spark-test-'));
  try {
    const app = join(folder, 'app.mjs');
    writeFileSync(app, 'export const mein = 1;\n');
    assert.match(
      await refusal({ ...CONFIG, app }),
      /app\.mjs exports no function 'main\(context, args\)'\.$/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what an application is told is looked at before it starts', async () => {
  const message = await refusal({ ...CONFIG, app: 'wordcount', args: { top: 3 } });
  assert.is(message, "The application needs 'input', which is missing.");
  assert.match(await refusal({ ...CONFIG, app: 'wordcount', args: { input: 'a', top: -1 } }), /: top: /);
});

test('arguments of an application that are wrong are refused in a sentence', async () => {
  const context = {} as Parameters<typeof wordcount>[0];
  const message = await wordcount(context, { input: 3 }).catch((error: Error) => error.message);
  assert.match(String(message), /^The arguments of the application: input: .*\.$/);
  const missing = await wordcount(context, {}).catch((error: Error) => error.message);
  assert.is(missing, "The application needs 'input', which is missing.");
});

test('task functions need a file, and a name is given once', () => {
  assert.throws(() => taskFunctions('data:text/javascript,1', {}), /must be in a file/);
  taskFunctions('file:///somewhere.ts', { one: () => 1 });
  assert.throws(
    () => taskFunctions('file:///somewhere.ts', { one: () => 1 }),
    /'one' of \/somewhere\.ts was given twice/,
  );
});

test.run();
