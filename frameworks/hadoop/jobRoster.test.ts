import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HadoopJob } from './job.ts';
import { JobInProgress } from './jobInProgress.ts';
import { type JobEntry, JobRoster } from './jobRoster.ts';
import { Pools } from './pools.ts';
import { farJob } from './testJobs.ts';

const MAPS = 90_000;

function jobOf(spec: HadoopJob, maps: number): JobInProgress {
  const pool = new Pools({ policy: 'fair', pools: {} }).of(spec);
  const input = { block: { id: 'b', bytes: 1, hosts: [] }, source: undefined };
  const inputs = new Array<typeof input>(maps).fill(input);
  return new JobInProgress(spec, { order: 0, intendedMs: 0, held: false, pool, inputs, side: [] });
}

/** A job of many maps that has come and gone. */
function runThrough(roster: JobRoster, id: string): JobEntry {
  const entry = roster.add(farJob(id, 1), 0);
  roster.start(entry, jobOf(entry.spec, MAPS));
  roster.end(entry, { id, outcome: 'finished', parts: [] }, 1);
  return entry;
}

const isReadable = ({ state }: JobEntry): boolean => state.is === 'ended' && state.job !== undefined;

test('jobs are active from their start to their end, and when they are at work again', () => {
  const roster = new JobRoster();
  const ids = (): string[] => [...roster.active()].map(({ spec }) => spec.id);
  const [one, two] = ['one', 'two'].map((id) => roster.add(farJob(id, 1), 0)) as [JobEntry, JobEntry];
  const job = jobOf(one.spec, 1);
  assert.equal(ids(), []);
  roster.start(one, job);
  roster.start(two, jobOf(two.spec, 1));
  assert.equal(ids(), ['one', 'two']);
  roster.end(one, { id: 'one', outcome: 'finished', parts: [] }, 1);
  assert.equal(ids(), ['two']);
  roster.reopen(one, job);
  assert.equal(ids(), ['two', 'one']);
});

test('an instance that goes on remembers so many tasks of jobs that have ended, and those that somebody waits to read', () => {
  const roster = new JobRoster(1000);
  const first = runThrough(roster, 'one');
  roster.add(farJob('reader', 0, { reduces: 1, input: [{ outputOf: 'one' }] }), 0);
  const others = ['two', 'three', 'four'].map((id) => runThrough(roster, id));
  assert.equal([first, ...others].map(isReadable), [true, false, false, true]);
});

test('one that ends with its jobs remembers what its jobs read, and nothing else', () => {
  const roster = new JobRoster();
  roster.add(farJob('reader', 0, { reduces: 1, input: [{ outputOf: 'one' }] }), 0);
  const entries = ['one', 'two', 'three', 'four'].map((id) => runThrough(roster, id));
  assert.equal(entries.map(isReadable), [true, false, false, false]);
});

test.run();
