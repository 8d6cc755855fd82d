/** Whole gates on simulated machines: how often they cry wolf, and how soon they find what is there. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seededRandom } from '../../mesos/runtime/random.ts';
import { burstNoise, normalNoise, tailedNoise } from '../statistics/testNoise.ts';
import { type FigureInBlock, type Target, targetOf } from './block.ts';
import { outcomeOf } from './outcome.ts';
import { type MeasureBlock, runSession, type SessionPlan, type TimedResult } from './session.ts';

const BUDGET_S = 600;
const TARGETS = ['launch', 'pass'].map((id) => targetOf(id) as Target);
/** The figures of the gate, with what they come to. */
const FIGURES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  launch: { 'us-per-offer': 4.6, 'us-per-launch': 5.4, 'us-per-report': 2.6 },
  pass: { 'us-per-offer': 1.2 },
};

const plan: SessionPlan = {
  targets: TARGETS,
  ...{ budgetSeconds: BUDGET_S, resamples: 10 },
  threshold: (id) => (id.startsWith('pass') ? 0.1 : 0.03),
  display: { start: () => ({ report() {}, end() {}, stop() {} }) },
};

/** What a machine is like. */
interface Weather {
  /** Deviation of a block's ratio, as a part. */
  readonly spread: number;
  readonly noise: (seed: string) => () => number;
  /** Wall time of a block; from block to block it varies by half. */
  readonly blockSeconds: number;
  /** Deviation, as a part, of what strikes a side from its first block to its last, such as its place in memory; default 0. */
  readonly favour?: number;
}

/** A ratio of one value to two has so much more deviation than a value. */
const OF_RATIO = Math.sqrt(1.5);

/** Simulates blocks; the head is so many times the base in what its launches take. Counts the seconds. */
function simulated({ spread, noise, blockSeconds, favour = 0 }: Weather, seed: string, times: number) {
  const [random, draws] = [seededRandom(`machine ${seed}`), new Map<string, () => number>()];
  const favours = new Map<string, number>();
  let seconds = 0;
  let drift = 0;
  const draw = (stream: string): number => {
    const own = draws.get(stream) ?? noise(`${seed} ${stream}`);
    draws.set(stream, own);
    return own();
  };
  const measure: MeasureBlock = async ({ name }, block) => {
    const wallSeconds = blockSeconds * (0.5 + random.uniform());
    seconds += wallSeconds;
    // The machine becomes slower and faster for all alike.
    drift += 0.02 * (random.uniform() - 0.48);
    // Figures of one process are struck together by half of what strikes them.
    const shared = {
      base: draw(`${name} base`),
      head: draw(`${name} head`),
      control: draw(`${name} control`),
    };
    const figures = Object.entries(FIGURES[name] ?? {}).map(([figure, level]): FigureInBlock => {
      const value = (side: keyof typeof shared, factor: number): readonly number[] => {
        const strike = (shared[side] + draw(`${name} ${figure} ${side}`)) / Math.SQRT2;
        const place = `place of ${name} ${figure} ${side}`;
        const favoured = favours.get(place) ?? favour * normalNoise(`${seed} ${place}`)();
        favours.set(place, favoured);
        return [level * factor * Math.exp(drift + favoured + (spread / OF_RATIO) * strike)];
      };
      const factor = figure === 'us-per-launch' ? times : 1;
      return {
        ...{ id: `${name}/${figure}`, unit: 'µs', better: 'lower' },
        ...{ base: value('base', 1), head: value('head', factor), control: value('control', 1) },
      };
    });
    return { is: 'measured', block: { seed: block, wallSeconds, taken: null, figures } };
  };
  return { measure, seconds: () => seconds };
}

interface Gate {
  readonly result: TimedResult;
  readonly seconds: number;
}

async function gates(count: number, weather: Weather, times: number): Promise<readonly Gate[]> {
  const all: Gate[] = [];
  for (let n = 0; n < count; n++) {
    const { measure, seconds } = simulated(weather, `${n} ${weather.spread} ${times}`, times);
    all.push({ result: await runSession(plan, measure), seconds: seconds() });
  }
  return all;
}

const WEATHERS: Readonly<Record<string, Weather>> = {
  'a still machine': { spread: 0.01, noise: normalNoise, blockSeconds: 3 },
  'a usual machine': { spread: 0.02, noise: normalNoise, blockSeconds: 3 },
  'a noisy machine': { spread: 0.03, noise: normalNoise, blockSeconds: 4 },
  'a machine with heavy tails': { spread: 0.02, noise: tailedNoise, blockSeconds: 4 },
  'a machine with bursts': { spread: 0.01, noise: burstNoise, blockSeconds: 4 },
  'a slow machine': { spread: 0.02, noise: normalNoise, blockSeconds: 12 },
};
const GATES = 40;

for (const [name, weather] of Object.entries(WEATHERS)) {
  test(`${name}: a version against itself is never worse, and hardly ever inconclusive`, async () => {
    const all = await gates(GATES, weather, 1);
    const of = (outcome: string): number => all.filter(({ result }) => outcomeOf(result) === outcome).length;
    assert.is(of('regressed'), 0);
    assert.ok(of('inconclusive') <= GATES / 20, `${of('inconclusive')} of ${GATES} are inconclusive`);
    // It is clear early that nothing of a size that counts is there: a slow machine has few blocks, and needs most of them.
    const longest = Math.max(...all.map(({ seconds }) => seconds));
    assert.ok(longest < (weather.blockSeconds > 10 ? 0.9 : 0.6) * BUDGET_S, `one took ${longest} s`);
  });

  test(`${name}: five percent more is found, within the budget`, async () => {
    const all = await gates(GATES / 2, weather, 1.05);
    for (const { result, seconds } of all) {
      const found = result.figures.find(({ id }) => id === 'launch/us-per-launch');
      assert.is(found?.verdict, 'worse');
      assert.is(outcomeOf(result), 'regressed');
      assert.ok(seconds < 0.9 * BUDGET_S, `it took ${seconds} s`);
    }
  });
}

/** A machine on which it matters where in memory a version lies: the control moves in two of three sessions. */
const UNFAIR: Weather = { spread: 0.01, noise: normalNoise, blockSeconds: 4, favour: 0.05 };
const isMoved = ({ why }: { readonly why: string }): boolean => why.includes('the control moved');

test('where sides are favoured, a control that moved lets no false alarm through', async () => {
  const all = (await gates(GATES, UNFAIR, 1)).flatMap(({ result }) => result.figures);
  const moved = all.filter(isMoved);
  assert.ok(moved.length > all.length / 3, `${moved.length} of ${all.length} moved`);
  assert.ok(moved.every(({ verdict }) => verdict === 'inconclusive'));
});

test('where sides are favoured, what is sixteen times as slow is found though the control moved', async () => {
  const all = (await gates(GATES / 2, UNFAIR, 16)).flatMap(({ result }) => result.figures);
  const slow = all.filter(({ id }) => id === 'launch/us-per-launch');
  assert.ok(slow.every(({ verdict }) => verdict === 'worse'));
  assert.ok(slow.some(isMoved));
});

test('a figure that neither side has is told after one block', async () => {
  const target = targetOf('launch/none') as Target;
  let blocks = 0;
  const { figures } = await runSession({ ...plan, targets: [target] }, async (_, seed) => {
    blocks++;
    return { is: 'measured', block: { seed, wallSeconds: 1, taken: null, figures: [] } };
  });
  assert.equal(
    figures.map(({ id, verdict, why }) => [id, verdict, why]),
    [['launch/none', 'not judged', 'neither side has such a figure']],
  );
  assert.is(blocks, 1);
});

test('a session that was too short says which budget would do, and that one does', async () => {
  const weather = WEATHERS['a noisy machine'] as Weather;
  let decided = 0;
  for (let n = 0; n < 10; n++) {
    const short = { ...plan, budgetSeconds: 60 };
    const { figures } = await runSession(short, simulated(weather, `short ${n}`, 1).measure);
    const budgets = figures.flatMap((one) => (one.kind === 'timed' ? (one.needed?.budgetSeconds ?? []) : []));
    assert.ok(budgets.length > 0, `session ${n} was long enough`);
    const budgetSeconds = Math.max(...budgets);
    assert.ok(budgetSeconds > 60 && budgetSeconds <= 900, `${budgetSeconds} s`);
    const again = await runSession({ ...plan, budgetSeconds }, simulated(weather, `long ${n}`, 1).measure);
    if (outcomeOf(again) === 'passed') decided++;
  }
  assert.ok(decided >= 8, `${decided} of 10`);
});

test.run();
