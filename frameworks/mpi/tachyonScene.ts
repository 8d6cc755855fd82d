/** Our scenes in the language of Tachyon. */
import type { Vector } from './kernels/vector.ts';
import type { Material, World } from './kernels/world.ts';

/** How often Tachyon follows a ray into a mirror. */
const REFLECTIONS_MAX = 4;

/** A scene file of Tachyon for a picture of this size. Its floor is of one material. */
export function tachyonScene(
  { spheres, triangles, floor, lights, background, camera }: World,
  { width, height }: { readonly width: number; readonly height: number },
): string {
  return [
    'Begin_Scene',
    `Resolution ${width} ${height}`,
    'Camera',
    '  Zoom 1.0',
    '  Aspectratio 1.0',
    '  Antialiasing 0',
    `  Raydepth ${REFLECTIONS_MAX}`,
    `  Center ${text(camera.position)}`,
    `  Viewdir ${text(camera.direction)}`,
    '  Updir 0 1 0',
    'End_Camera',
    `Background ${text(background)}`,
    ...lights.map(({ position, color }) => `Light Center ${text(position)} Rad 0.1 Color ${text(color)}`),
    `Plane Center 0 ${floor.height} 0 Normal 0 1 0 ${texture(floor.materials[0])}`,
    ...spheres.map(
      ({ center, radius, material }) => `Sphere Center ${text(center)} Rad ${radius} ${texture(material)}`,
    ),
    ...triangles.map(
      ({ corners: [a, b, c], material }) =>
        `Tri V0 ${text(a)} V1 ${text(b)} V2 ${text(c)} ${texture(material)}`,
    ),
    'End_Scene',
    '',
  ].join('\n');
}

function text({ x, y, z }: Vector): string {
  return `${x} ${y} ${z}`;
}

function texture({ color, ambient, diffuse, specular, shine, reflection }: Material): string {
  return `Texture Ambient ${ambient} Diffuse ${diffuse} Specular ${reflection} Opacity 1 Phong Plastic ${specular} Phong_size ${shine} Color ${text(color)} TexFunc 0`;
}
