/** What there is to see: the scenes of the ray tracers, made from their descriptions. */
import { seededUniform } from '../../../workloads/random.ts';
import type { Scene } from '../program.ts';
import { add, cross, scale, subtract, unit, type Vector, vector } from './vector.ts';

/** What a surface does with light. Fractions from 0 to 1. */
export interface Material {
  readonly color: Vector;
  readonly ambient: number;
  readonly diffuse: number;
  /** Of the highlights, whose width gets smaller as `shine` grows. */
  readonly specular: number;
  readonly shine: number;
  readonly reflection: number;
}

export type Sphere = { readonly center: Vector; readonly radius: number; readonly material: Material };
/** Its corners; both sides are seen. */
export type Triangle = { readonly corners: readonly [Vector, Vector, Vector]; readonly material: Material };
/** All points at y = `height`, in squares of length 1 of two materials. */
export type Floor = { readonly height: number; readonly materials: readonly [Material, Material] };
export type Light = { readonly position: Vector; readonly color: Vector };

/** A whole scene. */
export interface World {
  readonly spheres: readonly Sphere[];
  readonly triangles: readonly Triangle[];
  readonly floor: Floor;
  readonly lights: readonly Light[];
  readonly background: Vector;
  readonly camera: {
    readonly position: Vector;
    readonly direction: Vector;
    /** Half of the picture's height, at distance 1. */
    readonly halfHeight: number;
  };
}

const matte = (color: Vector): Material => ({
  color,
  ambient: 0.1,
  diffuse: 0.8,
  specular: 0.2,
  shine: 20,
  reflection: 0.05,
});
const shiny = (color: Vector, reflection = 0.3): Material => ({
  color,
  ambient: 0.05,
  diffuse: 0.6,
  specular: 0.6,
  shine: 60,
  reflection,
});

const FLOOR: Floor = {
  height: 0,
  materials: [matte(vector(0.9, 0.9, 0.85)), matte(vector(0.15, 0.15, 0.2))],
};
const LIGHTS: readonly Light[] = [
  { position: vector(5, 8, -6), color: vector(0.7, 0.7, 0.65) },
  { position: vector(-6, 5, -4), color: vector(0.3, 0.35, 0.45) },
];
const BACKGROUND = vector(0.35, 0.5, 0.7);

function cameraAt(position: Vector, target: Vector): World['camera'] {
  return { position, direction: unit(subtract(target, position)), halfHeight: 0.5 };
}

/** The scene that is described. The same description gives the same scene on every rank. */
export function makeWorld(scene: Scene): World {
  const common = { floor: FLOOR, lights: LIGHTS, background: BACKGROUND };
  switch (scene.type) {
    case 'room':
      return { ...common, ...ROOM, camera: cameraAt(vector(0, 2, -6), vector(0, 0.9, 0)) };
    case 'random':
      return { ...common, ...scattered(scene), camera: cameraAt(vector(0, 4, -11), vector(0, 1, 0)) };
    default:
      return scene satisfies never;
  }
}

const ROOM: Pick<World, 'spheres' | 'triangles'> = {
  spheres: [
    { center: vector(0, 1, 0.5), radius: 1, material: shiny(vector(0.9, 0.9, 0.9), 0.7) },
    { center: vector(-1.9, 0.7, 0), radius: 0.7, material: shiny(vector(0.9, 0.2, 0.15)) },
    { center: vector(1.8, 0.6, -0.4), radius: 0.6, material: shiny(vector(0.15, 0.5, 0.9)) },
    { center: vector(-0.7, 0.3, -1.6), radius: 0.3, material: matte(vector(0.95, 0.8, 0.2)) },
  ],
  triangles: pyramid(vector(2.4, 0, 1.8), 1.2, 1.8, matte(vector(0.3, 0.75, 0.4))),
};

/** Four sides on a square base. */
function pyramid(center: Vector, half: number, height: number, material: Material): readonly Triangle[] {
  const base = [
    [-half, -half],
    [half, -half],
    [half, half],
    [-half, half],
  ].map(([x = 0, z = 0]) => add(center, vector(x, 0, z)));
  const top = add(center, vector(0, height, 0));
  return base.map((corner, index) => ({
    corners: [corner, base[(index + 1) % base.length] as Vector, top],
    material,
  }));
}

function scattered({
  seed,
  spheres,
  triangles,
}: Extract<Scene, { type: 'random' }>): Pick<World, 'spheres' | 'triangles'> {
  const uniform = seededUniform(`scene ${seed}`);
  const between = (low: number, high: number): number => low + (high - low) * uniform();
  const color = (): Vector => vector(between(0.2, 1), between(0.2, 1), between(0.2, 1));
  const material = (): Material => (uniform() < 0.5 ? matte(color()) : shiny(color(), between(0.1, 0.7)));
  return {
    spheres: Array.from({ length: spheres }, () => {
      const radius = between(0.15, 0.6);
      const center = vector(between(-6, 6), radius + between(0, 2), between(-5, 7));
      return { center, radius, material: material() };
    }),
    triangles: Array.from({ length: triangles }, () => {
      const corner = vector(between(-6, 6), between(0.2, 2.5), between(-4, 7));
      const side = (): Vector => vector(between(-1, 1), between(0, 1), between(-1, 1));
      const along = side();
      // Never in line with the first side.
      const across = add(scale(unit(cross(along, vector(0.3, 1, 0.2))), between(0.3, 1)), scale(along, 0.3));
      return { corners: [corner, add(corner, along), add(corner, across)], material: material() };
    }),
  };
}
