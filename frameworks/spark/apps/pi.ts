/** The smallest whole application: pi by chance. docs/spark.md explains it. */
import { seededUniform } from '../../../workloads/random.ts';
import type { SparkContext } from '../program/context.ts';
import { taskFunctions } from '../program/functions.ts';

const functions = taskFunctions(import.meta.url, {
  /** How many of so many random points of a square are within its circle. */
  within: (seed: number, points: number) => {
    const uniform = seededUniform(seed);
    let within = 0;
    for (let n = 0; n < points; n++) if (uniform() ** 2 + uniform() ** 2 < 1) within++;
    return within;
  },
  add: (a: number, b: number) => a + b,
});

export async function main(
  context: SparkContext,
  args: { readonly tasks?: number; readonly points?: number },
) {
  const { tasks = 8, points = 1_000_000 } = args;
  const seeds = context.parallelize(
    Array.from({ length: tasks }, (_, n) => n),
    tasks,
  );
  return { pi: (4 * (await seeds.map(functions.within, points).reduce(functions.add))) / (tasks * points) };
}
