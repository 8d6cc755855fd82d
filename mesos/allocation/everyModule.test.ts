/** Random histories on every module: nothing is granted twice, nothing is forgotten, and the books are those of a model. */
import fc from 'fast-check';
import { test } from 'uvu';
import { fair } from './fair.ts';
import { lottery } from './lottery.ts';
import type { AllocationOptions } from './options.ts';
import { priority } from './priority.ts';
import { type Framework, Model } from './testModel.ts';
import { step, take } from './testSteps.ts';

const PRIORITIES = { a: 2, b: 1 };
const MODULES = {
  fair: { make: fair, rank: (_: Framework, share: number) => [share] },
  priority: {
    make: (options: AllocationOptions) => priority({ ...options, priorities: PRIORITIES }),
    rank: ({ role }: Framework, share: number) => [-(PRIORITIES[role as 'a'] ?? 0), share],
  },
  lottery: { make: lottery, rank: undefined },
} as const;

const PLAIN: AllocationOptions = {};
const FULL: AllocationOptions = {
  weights: { a: 2, b: 0.5 },
  shortTasks: { reserve: { cpus: 1, mem: 100 }, maxTaskDurationMs: 1_000 },
  unansweredMax: 0.4,
  minimumOffersByRole: { a: [{ cpus: 0.25 }] },
  revocation: { afterMs: 30, graceMs: 10 },
};

/** Of a slave with one pool the model knows all. */
const { shortTasks: _, ...ONE_POOL } = FULL;

for (const [name, { make, rank }] of Object.entries(MODULES))
  for (const [kind, options] of Object.entries({
    'no options': PLAIN,
    'all options': FULL,
    'one pool': ONE_POOL,
  }))
    test(`${name} with ${kind}: whatever happens, nothing is granted twice, forgotten, or given to the wrong one`, () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
          const model = new Model(make(options), options, rank);
          for (const one of steps) take(model, one);
          model.nothingIsForgotten();
        }),
      );
    });

test.run();
