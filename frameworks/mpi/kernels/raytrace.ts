/**
 * A picture by ray tracing, shared by lines: rank r of n has the lines r, r + n, r + 2n and so on, so that all have about
 * equally much to do wherever the scene is dense. Lines go to rank 0 as they are done. No line depends on who traces it, so
 * the picture has the same bytes for any number of ranks.
 */
import { createHash } from 'node:crypto';
import type { Communicator } from '../communicator.ts';
import { bytesOf } from '../frame.ts';
import type { MpiProgram } from '../program.ts';
import type { RankResult } from '../result.ts';
import { Tracer } from './trace.ts';
import { add, addScaled, cross, scale, unit, vector } from './vector.ts';
import { makeWorld, type World } from './world.ts';

/** What to draw. */
export type RaytraceProgram = Extract<MpiProgram, { type: 'raytrace' }>;
/** What came out. */
export interface Picture {
  /** The same on all ranks, but for the checksum, which rank 0 alone has (else it is empty). */
  readonly result: Omit<Extract<RankResult, { type: 'raytrace' }>, 'seconds' | 'picture'>;
  /** A file (PPM, P6), on rank 0 alone. */
  readonly file?: Buffer;
}

const LINE_TAG = 1;
const UP = vector(0, 1, 0);

/** Draws it together with the other ranks. */
export async function raytrace(communicator: Communicator, program: RaytraceProgram): Promise<Picture> {
  const { rank, size } = communicator;
  const { width, height, scene } = program;
  const world = makeWorld(scene);
  const tracer = new Tracer(world);
  const header = Buffer.from(`P6\n${width} ${height}\n255\n`);
  const file = rank === 0 ? Buffer.alloc(header.length + 3 * width * height) : undefined;
  file?.set(header);
  const put = (line: number, pixels: Uint8Array): void => file?.set(pixels, header.length + 3 * width * line);
  const collected = file === undefined ? undefined : collect(communicator, program, put);
  // The first failure is told below, when this rank comes to it.
  collected?.catch(() => undefined);

  for (let line = rank; line < height; line += size) {
    const pixels = traceLine(tracer, world, program, line);
    if (rank === 0) put(line, pixels.subarray(0, 3 * width));
    else await communicator.send(0, new Float64Array(pixels.buffer), LINE_TAG);
    await communicator.breathe();
  }
  await collected;
  const [rays = 0] = await communicator.allreduce(Float64Array.of(tracer.rays), 'sum');
  const result = { type: 'raytrace', width, height, ranks: size, rays } as const;
  if (file === undefined) return { result: { ...result, pictureSha256: '' } };
  return { result: { ...result, pictureSha256: createHash('sha256').update(file).digest('hex') }, file };
}

/** Takes the lines of the other ranks, each of which sends its own in order. */
async function collect(
  communicator: Communicator,
  { width, height }: RaytraceProgram,
  put: (line: number, pixels: Uint8Array) => void,
): Promise<void> {
  const others = Array.from({ length: communicator.size }, (_, peer) => peer).slice(1);
  await Promise.all(
    others.map(async (peer) => {
      for (let line = peer; line < height; line += communicator.size)
        put(line, bytesOf(await communicator.receive(peer, LINE_TAG)).subarray(0, 3 * width));
    }),
  );
}

/** One line from the top, as bytes red, green, blue for each pixel; filled up to a whole number of eight bytes. */
function traceLine(
  tracer: Tracer,
  { camera: { position, direction, halfHeight } }: World,
  { width, height, samples, reflections }: RaytraceProgram,
  line: number,
): Uint8Array<ArrayBuffer> {
  const right = unit(cross(UP, direction));
  const up = cross(direction, right);
  const pixels = new Uint8Array(Math.ceil((3 * width) / 8) * 8);
  // Of a pixel, at distance 1.
  const step = (2 * halfHeight) / height;
  for (let column = 0; column < width; column++) {
    let sum = vector(0, 0, 0);
    for (let sample = 0; sample < samples ** 2; sample++) {
      const x = column + ((sample % samples) + 0.5) / samples - width / 2;
      const y = height / 2 - line - (Math.floor(sample / samples) + 0.5) / samples;
      const target = addScaled(addScaled(direction, x * step, right), y * step, up);
      sum = add(sum, tracer.color(position, unit(target), reflections));
    }
    const { x: red, y: green, z: blue } = scale(sum, 1 / samples ** 2);
    pixels[3 * column] = byteOf(red);
    pixels[3 * column + 1] = byteOf(green);
    pixels[3 * column + 2] = byteOf(blue);
  }
  return pixels;
}

function byteOf(intensity: number): number {
  return Math.round(255 * Math.min(1, Math.max(0, intensity)));
}
