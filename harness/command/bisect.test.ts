/** What `lab bisect` says of what it cannot search. How it searches is held by compare/bisect.test.ts. */
import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LAB } from '../../infra/local.ts';

test('one sentence says what is wrong, before anything is run', () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['x', 'HEAD', 'HEAD'], /'x' is no figure of a benchmark, nor of an experiment/],
    [['macro/mesos', 'HEAD', 'HEAD'], /is no figure/],
    [['launch/cpu', 'HEAD', 'nope'], /'nope' is no commit of this repository/],
    [['launch/cpu', 'HEAD', 'HEAD'], /does not come after the good one/],
  ];
  for (const [args, sentence] of cases) {
    const { status, stderr } = spawnSync(LAB, ['bisect', ...args], { encoding: 'utf8' });
    assert.is(status, 1, args.join(' '));
    assert.match(stderr, sentence);
    assert.is(stderr.trim().split('\n').length, 1, stderr);
  }
});

test.run();
