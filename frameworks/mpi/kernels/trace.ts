/** What a ray sees, after Whitted: the nearest surface in the light that reaches it, and what is reflected in it. */
import {
  add,
  addScaled,
  cross,
  dot,
  multiply,
  scale,
  subtract,
  unit,
  type Vector,
  vector,
} from './vector.ts';
import type { Material, Sphere, Triangle, World } from './world.ts';

/** Hits that are nearer are those of the surface that the ray comes from. */
const DISTANCE_MIN = 1e-6;
/** A reflection that is fainter is not followed. */
const WEIGHT_MIN = 1 / 512;

/** Follows rays through one scene, and counts them. */
export class Tracer {
  /** Rays followed so far, those to the lights included. */
  rays = 0;
  readonly #world: World;
  readonly #triangles: readonly Facet[];

  constructor(world: World) {
    this.#world = world;
    this.#triangles = world.triangles.map(facetOf);
  }

  /** The colour that comes from this direction (of length 1), with so many reflections. */
  color(origin: Vector, direction: Vector, reflections: number, weight = 1): Vector {
    this.rays++;
    const hit = this.#nearest(origin, direction);
    if (hit === undefined) return this.#world.background;
    const point = addScaled(origin, hit.distance, direction);
    const normal = dot(hit.normal, direction) > 0 ? scale(hit.normal, -1) : hit.normal;
    const { material } = hit;
    const lit = this.#light(point, normal, direction, material);
    const mirrored = weight * material.reflection;
    if (reflections === 0 || mirrored < WEIGHT_MIN) return lit;
    const mirror = addScaled(direction, -2 * dot(direction, normal), normal);
    const seen = this.color(point, unit(mirror), reflections - 1, mirrored);
    return add(scale(lit, 1 - material.reflection), scale(seen, material.reflection));
  }

  /** What the lights make of a point: ambient, diffuse and highlights (Phong), where they are not in the shadow. */
  #light(point: Vector, normal: Vector, direction: Vector, material: Material): Vector {
    let sum = scale(material.color, material.ambient);
    for (const { position, color } of this.#world.lights) {
      const towards = subtract(position, point);
      const distance = Math.sqrt(dot(towards, towards));
      const to = scale(towards, 1 / distance);
      const facing = dot(normal, to);
      if (facing <= 0 || this.#isBlocked(point, to, distance)) continue;
      sum = addScaled(sum, material.diffuse * facing, multiply(material.color, color));
      const halfway = unit(subtract(to, direction));
      const highlight = material.specular * Math.max(0, dot(normal, halfway)) ** material.shine;
      sum = addScaled(sum, highlight, color);
    }
    return sum;
  }

  #isBlocked(origin: Vector, direction: Vector, distance: number): boolean {
    this.rays++;
    const { spheres } = this.#world;
    return (
      spheres.some((sphere) => sphereDistance(sphere, origin, direction) < distance) ||
      this.#triangles.some((facet) => facetDistance(facet, origin, direction) < distance)
    );
  }

  #nearest(origin: Vector, direction: Vector): Hit | undefined {
    const { spheres, floor } = this.#world;
    let distance = Number.POSITIVE_INFINITY;
    let sphere: Sphere | undefined;
    for (const each of spheres) {
      const at = sphereDistance(each, origin, direction);
      if (at < distance) {
        distance = at;
        sphere = each;
      }
    }
    let facet: Facet | undefined;
    for (const each of this.#triangles) {
      const at = facetDistance(each, origin, direction);
      if (at < distance) {
        distance = at;
        facet = each;
      }
    }
    const down = (floor.height - origin.y) / direction.y;
    if (down > DISTANCE_MIN && down < distance) {
      const { x, z } = addScaled(origin, down, direction);
      const square = Math.abs(Math.floor(x) + Math.floor(z)) % 2;
      return { distance: down, normal: UP, material: square === 0 ? floor.materials[0] : floor.materials[1] };
    }
    if (facet !== undefined) return { distance, normal: facet.normal, material: facet.material };
    if (sphere === undefined) return undefined;
    const point = addScaled(origin, distance, direction);
    return { distance, normal: unit(subtract(point, sphere.center)), material: sphere.material };
  }
}

const UP = vector(0, 1, 0);

interface Hit {
  readonly distance: number;
  /** Of length 1, on either side of the surface. */
  readonly normal: Vector;
  readonly material: Material;
}

/** A triangle as rays meet it. */
interface Facet {
  readonly corner: Vector;
  readonly along: Vector;
  readonly across: Vector;
  readonly normal: Vector;
  readonly material: Material;
}

function facetOf({ corners: [corner, second, third], material }: Triangle): Facet {
  const along = subtract(second, corner);
  const across = subtract(third, corner);
  return { corner, along, across, normal: unit(cross(along, across)), material };
}

/** How far a ray is from meeting it, infinity if it does not. */
function sphereDistance({ center, radius }: Sphere, origin: Vector, direction: Vector): number {
  const x = center.x - origin.x;
  const y = center.y - origin.y;
  const z = center.z - origin.z;
  const middle = x * direction.x + y * direction.y + z * direction.z;
  const square = middle * middle - (x * x + y * y + z * z) + radius * radius;
  if (square < 0) return Number.POSITIVE_INFINITY;
  const half = Math.sqrt(square);
  if (middle - half > DISTANCE_MIN) return middle - half;
  return middle + half > DISTANCE_MIN ? middle + half : Number.POSITIVE_INFINITY;
}

/** As Möller and Trumbore do it. */
function facetDistance({ corner, along, across }: Facet, origin: Vector, direction: Vector): number {
  const side = cross(direction, across);
  const determinant = dot(along, side);
  if (Math.abs(determinant) < 1e-12) return Number.POSITIVE_INFINITY;
  const from = subtract(origin, corner);
  const u = dot(from, side) / determinant;
  if (u < 0 || u > 1) return Number.POSITIVE_INFINITY;
  const turned = cross(from, along);
  const v = dot(direction, turned) / determinant;
  if (v < 0 || u + v > 1) return Number.POSITIVE_INFINITY;
  const distance = dot(across, turned) / determinant;
  return distance > DISTANCE_MIN ? distance : Number.POSITIVE_INFINITY;
}
