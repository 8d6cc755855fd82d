import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expand, preferredHosts, type Vertex } from './graph.ts';
import { type DryadJob, readDryadConfig } from './job.ts';

const COMMAND = { shell: false, value: 'modelled', arguments: [], environment: {} };
const blocks = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ id: `b${n}`, bytes: 1, hosts: ['a'] }));

function jobOf(stages: readonly object[]): DryadJob {
  const [job] = readDryadConfig({
    name: 'd',
    jobs: [{ id: 'j', stages }],
    executor: { command: COMMAND },
  }).jobs;
  return job as DryadJob;
}

const two = (from: number, to: number, connect: string): readonly Vertex[] =>
  expand(
    jobOf([
      { id: 'a', program: { type: 'lines' }, input: blocks(from) },
      { id: 'b', program: { type: 'merge' }, vertices: to, inputs: [{ stage: 'a', connect }] },
    ]),
  );

/** What each vertex of the second stage reads, as `vertex/partition`. */
const reads = (vertices: readonly Vertex[]): readonly (readonly string[])[] =>
  vertices
    .filter(({ stage }) => stage.id === 'b')
    .map(({ inputs }) =>
      inputs.flatMap(({ from, partition }) => from.map(({ index }) => `${index}/${partition}`)),
    );

const counts = { from: fc.integer({ min: 1, max: 40 }), to: fc.integer({ min: 1, max: 40 }) };

test('a pointwise connection gives each vertex to one reader, in order and in equal shares', () => {
  fc.assert(
    fc.property(fc.record(counts), ({ from, to }) => {
      const [many, few] = [Math.max(from, to), Math.min(from, to)];
      const read = reads(two(many, few, 'pointwise'));
      assert.equal(
        read.flat(),
        Array.from({ length: many }, (_, n) => `${n}/0`),
      );
      const sizes = read.map(({ length }) => length);
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
    }),
  );
});

test('a complete connection has every channel once, and a broadcast brings all to all', () => {
  fc.assert(
    fc.property(fc.record(counts), ({ from, to }) => {
      const complete = reads(two(from, to, 'complete')).flat();
      assert.is(new Set(complete).size, from * to);
      assert.is(complete.length, from * to);
      for (const read of reads(two(from, to, 'broadcast')))
        assert.equal(
          read,
          Array.from({ length: from }, (_, n) => `${n}/0`),
        );
    }),
  );
});

test('a stage that two others read writes once for each of them', () => {
  const vertices = expand(
    jobOf([
      { id: 'a', program: { type: 'lines' }, input: blocks(2) },
      {
        id: 'b',
        program: { type: 'sample', every: 2 },
        vertices: 3,
        inputs: [{ stage: 'a', connect: 'complete' }],
      },
      {
        id: 'c',
        program: { type: 'range' },
        vertices: 2,
        inputs: [
          { stage: 'a', connect: 'pointwise' },
          { stage: 'b', connect: 'broadcast' },
        ],
      },
    ]),
  );
  const [a] = vertices;
  assert.equal(a?.outputs, [3, 1]);
  const c = vertices.find(({ stage }) => stage.id === 'c');
  assert.equal(
    c?.inputs.map(({ output, first, from }) => [output, first, from.length]),
    [
      [1, 0, 1],
      [0, 0, 3],
    ],
  );
  assert.equal(c?.outputs, []);
});

test('a stage has as many vertices as the first that it reads, unless it says so', () => {
  const inputs = (stage: string) => [{ stage, connect: 'pointwise' }];
  const stages = [
    { id: 'a', program: { type: 'lines' }, input: blocks(5) },
    { id: 'b', program: { type: 'merge' }, inputs: inputs('a') },
    { id: 'c', program: { type: 'merge' }, vertices: 2, inputs: inputs('b') },
    { id: 'd', program: { type: 'merge' }, inputs: inputs('c') },
  ];
  assert.equal(
    jobOf(stages).stages.map(({ vertices }) => vertices),
    [5, 5, 2, 2],
  );
});

test('a vertex belongs where at least half of what it reads is', () => {
  const [one, other, third, reader] = two(3, 1, 'pointwise');
  const finish = (vertex: Vertex | undefined, host: string, outputBytes: number): void => {
    const report = {
      locality: 'local',
      inputBytes: 0,
      remoteBytes: 0,
      outputBytes,
      outputRecords: 0,
    } as const;
    if (vertex !== undefined) vertex.state = { is: 'finished', host, report };
  };
  finish(one, 'x', 60);
  finish(other, 'y', 30);
  finish(third, 'z', 20);
  assert.equal(preferredHosts(reader as Vertex), ['x']);
  finish(third, 'z', 90);
  assert.equal(preferredHosts(reader as Vertex), ['z']);
  finish(one, 'x', 90);
  assert.equal(preferredHosts(reader as Vertex), []);
  assert.equal(preferredHosts(one as Vertex), ['a']);
});

test.run();
