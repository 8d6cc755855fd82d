/** Remembering figures and drawing them, as a user does it: the command as a process. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LAB } from '../../infra/local.ts';
import { appendRecords } from '../records/recordFile.ts';
import { MACHINE, recordOf } from '../records/testRecords.ts';
import { PROJECT } from '../run/provenance.ts';

const test = suite<{ folder: string }>('record and trend');
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'record-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

function lab(folder: string, ...args: readonly string[]) {
  return spawnSync(LAB, args, { cwd: folder, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
}

const HEAD = execFileSync('git', ['-C', PROJECT, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();

/** What a comparison leaves, as far as it is remembered. */
function comparison(parts: object = {}) {
  return JSON.stringify({
    schemaVersion: 1,
    startedAt: '2026-01-01T00:00:00Z',
    head: { name: 'HEAD', commit: HEAD, dirty: false, lockfileSha256: '', nodeVersion: 'v24.1.0', ...parts },
    machine: MACHINE,
    figures: [{ kind: 'exact', id: 'macro/offers-sent', unit: '', head: 1234, better: null }],
  });
}

test('what a comparison measured of a commit is remembered, and drawn', ({ folder }) => {
  writeFileSync(join(folder, 'comparison.json'), comparison());
  const recorded = lab(folder, 'record', '.');
  assert.is(recorded.status, 0, recorded.stderr);
  const [line = ''] = readFileSync(join(folder, 'out', 'records.ndjson'), 'utf8').split('\n');
  const { commit, metric, value, committedAt } = JSON.parse(line);
  assert.equal({ commit, metric, value }, { commit: HEAD, metric: 'macro/offers-sent', value: 1234 });
  assert.ok(Date.parse(committedAt) > 0);
  const drawn = lab(folder, 'trend');
  assert.is(drawn.status, 0, drawn.stderr);
  assert.match(readFileSync(join(folder, 'out', 'trend.html'), 'utf8'), 'macro/offers-sent');
});

test('a change is told on the terminal too', ({ folder }) => {
  const file = join(folder, 'r.ndjson');
  appendRecords(
    file,
    Array.from({ length: 12 }, (_, n) => recordOf(n, n < 6 ? 10 : 12)),
  );
  const { stdout, status } = lab(folder, 'trend', '--records', file);
  assert.is(status, 0);
  assert.match(
    stdout,
    `launch/us-per-launch: worse at ${recordOf(6, 0).commit.slice(0, 12)}, from 10 µs to 12 µs`,
  );
});

test('one sentence says what is wrong, and nothing is remembered', ({ folder }) => {
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return name;
  };
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['record', 'none'], /there is no .*none/],
    [['record', '.'], /holds neither a report\.json nor a comparison\.json/],
    [['record', write('bad.json', '{')], /bad\.json cannot be read: .*JSON/],
    [['record', write('other.json', '{"a":1}')], /is no report, no comparison and no list of benchmarks/],
    [
      ['record', write('old.json', '{"schemaVersion":1,"experiments":[]}')],
      /old\.json is no result of this version/,
    ],
    [
      ['record', write('half.json', '{"schemaVersion":2,"experiments":[{"cells":[{}]}]}')],
      /half\.json is damaged \(experiments\.0\.\w+: .*\): run it again/,
    ],
    [
      ['record', write('newer.json', comparison().replace('"schemaVersion":1', '"schemaVersion":9'))],
      /newer\.json is no comparison of this version of lab, or damaged \(schemaVersion: /,
    ],
    [['record', write('dirty.json', comparison({ dirty: true }))], /changes that no commit holds/],
    [['record', write('far.json', comparison({ commit: 'f'.repeat(40) }))], /is not in this repository/],
    [['trend'], /there are no records in .*: measure something/],
    [['trend', '--records', '.'], /^lab: .* cannot be read: EISDIR/],
    [['trend', '--out', ''], /^lab: --out is empty: name a file for the page/],
  ];
  for (const [args, sentence] of cases) {
    const { status, stderr } = lab(folder, ...args);
    assert.is(status, 1, args.join(' '));
    assert.match(stderr, sentence);
    assert.is(stderr.trim().split('\n').length, 1, stderr);
  }
  appendRecords(join(folder, 'out', 'records.ndjson'), [recordOf(0, 1)]);
  assert.match(
    lab(folder, 'trend', '--commit-url', 'javascript:{commit}').stderr,
    /give an http or https address/,
  );
});

test.run();
