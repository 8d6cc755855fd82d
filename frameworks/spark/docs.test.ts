import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { APPLICATION_NAMES } from './apps/applications.ts';
import { testSpark } from './testCluster.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/spark.md'), 'utf8');

test('the application of the page is the file that is there, runs, and is as short as it says', async () => {
  const code = readFileSync(join(import.meta.dirname, 'apps/pi.ts'), 'utf8');
  const [, shown] = /```ts\n(.*?)```/s.exec(PAGE) ?? [];
  assert.is(shown, code);
  const { main } = await import('./apps/pi.ts');
  await using cluster = await testSpark({ nodes: 1 });
  const { result } = await cluster.run(main, { nodes: {}, args: { tasks: 4, points: 20_000 } });
  assert.ok(Math.abs((result as { pi: number }).pi - Math.PI) < 0.02);
});

test('the page names the applications that there are', () => {
  for (const name of APPLICATION_NAMES) assert.match(PAGE, `\`${name}\``);
});

test.run();
