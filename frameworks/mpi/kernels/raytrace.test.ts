import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Scene } from '../program.ts';
import { onRanks } from '../testRanks.ts';
import { type RaytraceProgram, raytrace } from './raytrace.ts';
import { Tracer } from './trace.ts';
import { unit, vector } from './vector.ts';
import { type Material, makeWorld, type World } from './world.ts';

const program = (width: number, height: number, more: Partial<RaytraceProgram> = {}): RaytraceProgram => ({
  type: 'raytrace',
  scene: { type: 'room' },
  width,
  height,
  samples: 1,
  reflections: 4,
  ...more,
});

test('the picture has the same bytes for any number of ranks, also for more than it has lines', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 2, max: 7 }),
      fc.integer({ min: 1, max: 2 }),
      fc.oneof(
        fc.constant<Scene>({ type: 'room' }),
        fc.integer().map((seed): Scene => ({ type: 'random', seed, spheres: 5, triangles: 3 })),
      ),
      async (width, height, size, samples, scene) => {
        const what = program(width, height, { samples, scene });
        const [alone] = await onRanks(1, (ranks) => raytrace(ranks, what));
        const [first, ...others] = await onRanks(size, (ranks) => raytrace(ranks, what));
        assert.equal(first?.result, { ...alone?.result, ranks: size });
        assert.ok(alone?.file && first?.file?.equals(alone.file));
        for (const { file, result } of others) {
          assert.is(file, undefined);
          assert.equal(result, { ...alone?.result, ranks: size, pictureSha256: '' });
        }
      },
    ),
    { numRuns: 25 },
  );
});

test('the file is a PPM of the right size, and its checksum is that of its bytes', async () => {
  const [picture] = await onRanks(2, (ranks) => raytrace(ranks, program(20, 10)));
  const file = picture?.file ?? Buffer.alloc(0);
  assert.is(file.toString('latin1', 0, 13), 'P6\n20 10\n255\n');
  assert.is(file.length, 13 + 3 * 20 * 10);
  assert.is(picture?.result.pictureSha256, createHash('sha256').update(file).digest('hex'));
  // Above the horizon there is nothing.
  assert.equal(
    [...file.subarray(13, 16)],
    [0.35, 0.5, 0.7].map((c) => Math.round(255 * c)),
  );
});

test('more samples smooth what a single one leaves jagged', async () => {
  const colors = async (samples: number): Promise<number> => {
    const [picture] = await onRanks(1, (ranks) => raytrace(ranks, program(40, 30, { samples })));
    const pixels = picture?.file?.subarray(13) ?? Buffer.alloc(0);
    return new Set(Array.from({ length: 1200 }, (_, at) => pixels.toString('hex', 3 * at, 3 * at + 3))).size;
  };
  assert.ok((await colors(4)) > 1.1 * (await colors(1)));
});

const MATTE: Material = {
  color: vector(1, 0.5, 0),
  ambient: 0.2,
  diffuse: 0.8,
  specular: 0,
  shine: 1,
  reflection: 0,
};
const WHITE = vector(1, 1, 1);
const empty: World = {
  spheres: [],
  triangles: [],
  floor: { height: -100, materials: [MATTE, MATTE] },
  lights: [{ position: vector(0, 0, -10), color: WHITE }],
  background: vector(0.1, 0.2, 0.3),
  camera: { position: vector(0, 0, -10), direction: vector(0, 0, 1), halfHeight: 1 },
};
const ahead = vector(0, 0, 1);
const from = vector(0, 0, -10);
const near = (seen: { x: number; y: number; z: number }, x: number, y: number, z: number): void => {
  for (const [one, other] of [
    [seen.x, x],
    [seen.y, y],
    [seen.z, z],
  ] as const)
    assert.ok(Math.abs(one - other) < 1e-9, JSON.stringify({ seen, x, y, z }));
};

test('a surface that faces the light has its ambient and its diffuse colour', () => {
  const spheres = [{ center: vector(0, 0, 0), radius: 1, material: MATTE }];
  const tracer = new Tracer({ ...empty, spheres });
  near(tracer.color(from, ahead, 4), 1, 0.5, 0);
  assert.is(tracer.rays, 2, 'one to the sphere, one to the light');
  near(tracer.color(from, vector(0, 0, -1), 4), 0.1, 0.2, 0.3);
});

test('what stands before the light leaves the ambient colour alone', () => {
  const light = { position: vector(0, 10, -1), color: WHITE };
  const spheres = [
    { center: vector(0, 0, 0), radius: 1, material: MATTE },
    { center: vector(0, 5, -1), radius: 0.5, material: MATTE },
  ];
  const seen = (world: World) => new Tracer(world).color(from, ahead, 0);
  near(seen({ ...empty, lights: [light], spheres }), 0.2, 0.1, 0);
});

test('a mirror shows what is in front of it, as often as reflections are followed', () => {
  const mirror: Material = { ...MATTE, ambient: 0, diffuse: 0, reflection: 1 };
  const corner = [vector(-9, -9, 0), vector(9, -9, 0), vector(0, 9, 0)] as const;
  const world = { ...empty, lights: [], triangles: [{ corners: corner, material: mirror }] };
  near(new Tracer(world).color(from, ahead, 1), 0.1, 0.2, 0.3);
  near(new Tracer(world).color(from, ahead, 0), 0, 0, 0);
  const beside = unit(vector(1, 0, 0.01));
  near(new Tracer(world).color(from, beside, 1), 0.1, 0.2, 0.3);
});

test('the same seed scatters the same scene, another seed another', () => {
  const scene = (seed: number) => makeWorld({ type: 'random', seed, spheres: 3, triangles: 2 });
  assert.equal(scene(1), scene(1));
  assert.not.equal(scene(1), scene(2));
  assert.is(scene(1).spheres.length, 3);
});

test.run();
