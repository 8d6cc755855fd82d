/** `lab table` as its users call it. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { $ } from 'zx';
import { LAB } from '../../infra/local.ts';
import { userVisitsTable } from '../../workloads/tables/userVisits.ts';

const lab = $({ nothrow: true, quiet: true, stdio: ['ignore', 'pipe', 'pipe'] });

test('writes a table to its output, and says what is wrong with a wish', async () => {
  const { stdout, exitCode } = await lab`${LAB} table uservisits --rows 3000 --pages 10 --seed 7`;
  assert.is(exitCode, 0);
  assert.is(stdout, Buffer.concat([...userVisitsTable({ rows: 3000, pages: 10, seed: 7 })]).toString());
  const wrong = await lab`${LAB} table grep --rows some`;
  assert.is(wrong.exitCode, 1);
  assert.match(wrong.stderr, /^lab: --rows must be a whole number from 0 to 1000000000000, not 'some'\n$/);
  const nowhere = await lab`${LAB} table grep --rows 1 --out /nowhere/at/all`;
  assert.is(nowhere.exitCode, 5);
  assert.match(nowhere.stderr, /^lab: the table cannot be written: ENOENT.*\n$/);
});

test('ends when who reads has read enough', async () => {
  const { stdout, exitCode } = await lab`${LAB} table grep --rows 1000000000 | head -n 1`;
  assert.is(exitCode, 0);
  assert.match(stdout, /^0000000000\|[a-z0-9]{90}\n$/);
});

test.run();
