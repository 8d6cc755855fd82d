/** Draws how a Hadoop instance of a simulation goes about its jobs: copies of slow tasks, pools, nodes that jobs shun. */
import { drawFrom } from './draw.ts';
import type { HadoopPolicies } from './plan.ts';

/** The policies of the nth framework, with chance of their own. */
export function drawPolicies(seed: number, n: number): HadoopPolicies {
  const draw = drawFrom(`policies ${seed} ${n}`);
  const common = {
    ageMinMs: draw.spread(100, 10_000),
    shareMax: draw.pick(0.1, 1),
    intervalMs: draw.spread(200, 3_000),
  };
  const fair = {
    policy: 'fair',
    pools: { a: { weight: draw.spread(0.2, 5), minSlots: draw.integer(0, 3) } },
  } as const;
  return {
    speculation: draw.pick<HadoopPolicies['speculation']>(
      { policy: 'off' },
      { policy: 'hadoop', ...common, gap: 0.2 },
      { policy: 'late', ...common, slowTaskFraction: 0.25, slowNodeFraction: 0.25 },
    ),
    scheduling: draw.pick<HadoopPolicies['scheduling']>({ policy: 'fair', pools: {} }, fair, {
      policy: 'fifo',
    }),
    failuresPerNodeMax: draw.pick(1, 4, 1000),
    straggling: draw.pick(undefined, { probability: draw.spread(0.01, 0.3), slowdown: 3 }),
    pools: draw.pick([], ['a', 'b']),
  };
}
