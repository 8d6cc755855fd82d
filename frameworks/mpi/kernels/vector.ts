/** Vectors in space. */

/** A point, a direction or a colour (red, green, blue; 1 is full). */
export interface Vector {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** A vector of these. */
export function vector(x: number, y: number, z: number): Vector {
  return { x, y, z };
}

/** a + b */
export function add(a: Vector, b: Vector): Vector {
  return { x: a.x + b.x, y: a.y + b.y, z: a.z + b.z };
}

/** a - b */
export function subtract(a: Vector, b: Vector): Vector {
  return { x: a.x - b.x, y: a.y - b.y, z: a.z - b.z };
}

/** factor · a */
export function scale(a: Vector, factor: number): Vector {
  return { x: a.x * factor, y: a.y * factor, z: a.z * factor };
}

/** a + factor · b */
export function addScaled(a: Vector, factor: number, b: Vector): Vector {
  return { x: a.x + factor * b.x, y: a.y + factor * b.y, z: a.z + factor * b.z };
}

/** Entry by entry, as light is coloured by what it falls on. */
export function multiply(a: Vector, b: Vector): Vector {
  return { x: a.x * b.x, y: a.y * b.y, z: a.z * b.z };
}

/** a · b */
export function dot(a: Vector, b: Vector): number {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

/** a × b */
export function cross(a: Vector, b: Vector): Vector {
  return { x: a.y * b.z - a.z * b.y, y: a.z * b.x - a.x * b.z, z: a.x * b.y - a.y * b.x };
}

/** Length 1, the same direction. */
export function unit(a: Vector): Vector {
  return scale(a, 1 / Math.sqrt(dot(a, a)));
}
