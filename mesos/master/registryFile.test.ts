import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Directives, NO_DIRECTIVES } from './directives.ts';
import { fileRegistry } from './registryFile.ts';

const ALL: Directives = {
  weights: new Map([['__proto__', 2]]),
  quotas: new Map([['a', { role: 'a', limits: { cpus: 0 }, guarantees: {} }]]),
  slaves: new Map([
    ['s1', { is: 'deactivated' }],
    ['s2', { is: 'draining', maxGraceMs: 5, markGone: true, startMs: 7 }],
    ['s3', { is: 'gone' }],
  ]),
  schedule: [{ machines: [{ hostname: 'node1' }, { ip: '10.0.0.1' }], unavailability: { startMs: 1 } }],
  down: [{ hostname: 'node1' }],
};

function inFolder(run: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'registry-'));
  try {
    run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('what is stored is loaded by another, and nothing else is left behind', () => {
  inFolder((folder) => {
    const path = join(folder, 'deeper', 'registry.json');
    assert.equal(fileRegistry(path).load(), NO_DIRECTIVES);
    fileRegistry(path).store(ALL);
    assert.equal(fileRegistry(path).load(), ALL);
    fileRegistry(path).store(NO_DIRECTIVES);
    assert.equal(fileRegistry(path).load(), NO_DIRECTIVES);
    assert.equal(readdirSync(join(folder, 'deeper')), ['registry.json']);
  });
});

test('a file that is damaged is told in one sentence, and left as it is', () => {
  inFolder((folder) => {
    const path = join(folder, 'registry.json');
    for (const [text, why] of [
      ['', /cannot be read: .*JSON/],
      ['{"registry":1', /cannot be read: .*JSON/],
      ['null', /it is no registry of version 1/],
      ['{"registry":2}', /it is no registry of version 1/],
      ['{"registry":1,"weights":[{"role":"a","weight":0}]}', /weights\.0\.weight/],
    ] as const) {
      writeFileSync(path, text);
      assert.throws(() => fileRegistry(path), why);
      assert.is(readFileSync(path, 'utf8'), text);
    }
    assert.throws(() => fileRegistry(folder), /the registry .* cannot be read: EISDIR/);
  });
});

test('what cannot be written is told in one sentence, and what was there stands', () => {
  inFolder((folder) => {
    const path = join(folder, 'registry.json');
    const registry = fileRegistry(path);
    registry.store(ALL);
    mkdirSync(`${path}.new`);
    assert.throws(() => registry.store(NO_DIRECTIVES), /the registry .* cannot be written: EISDIR/);
    assert.equal(registry.load(), ALL);
  });
});

test.run();
