/** Distributions of lengths, sizes and gaps, as data; drawn from seeded chance. */
import { randomExponential, randomLogNormal, randomNormal } from 'd3-random';
import * as v from 'valibot';
import type { Uniform } from './random.ts';

const ValueSchema = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e12));
const MeanSchema = v.pipe(ValueSchema, v.gtValue(0));

export const DistributionSchema = v.variant('type', [
  v.object({ type: v.literal('constant'), value: ValueSchema }),
  v.object({ type: v.literal('uniform'), min: ValueSchema, max: ValueSchema }),
  v.object({ type: v.literal('exponential'), mean: MeanSchema }),
  /** What would be negative is drawn again. */
  v.object({ type: v.literal('normal'), mean: MeanSchema, deviation: ValueSchema }),
  /** `cv`: the standard deviation over the mean. */
  v.object({
    type: v.literal('log-normal'),
    mean: MeanSchema,
    cv: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
  }),
  /** These values in their order, again from the start after the last. */
  v.object({
    type: v.literal('trace'),
    values: v.pipe(v.array(ValueSchema), v.minLength(1), v.maxLength(1_000_000), v.readonly()),
  }),
]);
/** A distribution of values from 0 on. */
export type Distribution = Readonly<v.InferOutput<typeof DistributionSchema>>;

/** Draws from a distribution, one value after the other. A trace begins with the value of that index. */
export function sampler(distribution: Distribution, uniform: Uniform, from = 0): () => number {
  switch (distribution.type) {
    case 'constant':
      return () => distribution.value;
    case 'uniform': {
      const { min, max } = distribution;
      return () => min + (max - min) * uniform();
    }
    case 'exponential':
      return randomExponential.source(uniform)(1 / distribution.mean);
    case 'normal': {
      const draw = randomNormal.source(uniform)(distribution.mean, distribution.deviation);
      return () => {
        for (;;) {
          const value = draw();
          if (value >= 0) return value;
        }
      };
    }
    case 'log-normal': {
      const variance = Math.log(1 + distribution.cv ** 2);
      const draw = randomLogNormal.source(uniform)(-variance / 2, Math.sqrt(variance));
      return () => distribution.mean * draw();
    }
    case 'trace': {
      const { values } = distribution;
      let at = from;
      return () => values[at++ % values.length] as number;
    }
    default:
      return distribution satisfies never;
  }
}
