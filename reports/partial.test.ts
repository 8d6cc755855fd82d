/** Whatever is missing of an experiment: what is told of the rest holds numbers only. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EXPERIMENTS } from '../harness/experiments/catalogue.ts';
import { clockOf, type Experiment, type Scenario } from '../harness/experiments/experiment.ts';
import type {
  CellResult,
  CompletedCell,
  Curve,
  ExperimentResult,
  FrameworkMeasure,
} from '../harness/result.ts';
import type { Random } from '../mesos/runtime/actor.ts';
import { seededRandom } from '../mesos/runtime/random.ts';
import { experimentView } from './page/experimentSection.ts';
import { judgeClaims } from './paper/measured.ts';
import { completedCell, failedCell, framework, job, valuesCell } from './results/testCells.ts';

const test = suite('partial results');

/** Times that each experiment is drawn, each time with other parts missing. */
const DRAWINGS = 30;
const SEEDS_MAX = 2;

const NO_NUMBER = /\b(NaN|undefined|Infinity)\b|∞/;
/** Also the question mark that stands for a number which a run lacks. */
const NO_NUMBER_OR_UNKNOWN = /\b(NaN|undefined|Infinity)\b|∞|\s\?(?=[\s%×])/;

for (const experiment of EXPERIMENTS) {
  test(`of ${experiment.id} only numbers are told, whatever its runs have not measured`, () => {
    for (let seed = 0; seed < DRAWINGS; seed++) assertTells(experiment, seed, 0.5, NO_NUMBER);
  });

  test(`of ${experiment.id} nothing is told that was not run`, () => {
    for (let seed = 0; seed < DRAWINGS; seed++) assertTells(experiment, seed, 0, NO_NUMBER_OR_UNKNOWN);
  });
}

test('no command stands below what was not run: that of the runs that there are would not show it', () => {
  const [one] = EXPERIMENTS.filter(({ id }) => id === 'sim-versus-real');
  if (one === undefined) throw new Error('there is no such experiment');
  const { id, title, question, paper, caveats } = one;
  const commandsWith = (cells: readonly CellResult[]): number => {
    const result = { experiment: { id, title, question, paper }, cells, claims: [], caveats, left: [] };
    return (
      experimentView(result)
        .html(() => [])
        .html.split('class="again"').length - 1
    );
  };
  const [virtual, real] = (['virtual', 'real'] as const).map((clock) =>
    completedCell({ clock, frameworks: [framework('a', [job('a-1', 'sleep', 1, 5)])] }),
  );
  if (virtual === undefined || real === undefined) throw new Error('a clock has no cell');
  assert.is(commandsWith([virtual]), 0);
  assert.is(commandsWith([virtual, failedCell('mesos', 1, 'No disk.')]), 2);
  assert.is(commandsWith([virtual, real]), 2);
});

/** Of part of an experiment, of whose values a part is lacking, the page says nothing of this kind, and charts show numbers only. */
function assertTells(experiment: Experiment, seed: number, lacking: number, forbidden: RegExp): void {
  const view = experimentView(partOf(experiment, lacking, seededRandom(seed)));
  const words = view.html(() => []).html.replace(/\s+/g, ' ');
  const at = words.search(forbidden);
  assert.is(at, -1, `seed ${seed}: …${words.slice(Math.max(0, at - 200), at + 100)}…`);
  for (const figure of view.figures) assert.is(oddNumber(figure, figure.id), undefined, `seed ${seed}`);
}

/** Where in a value there is a number that is none; undefined if nowhere. */
function oddNumber(value: unknown, path: string): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${path} is ${value}`;
  if (typeof value === 'string') return NO_NUMBER.test(value) ? `${path}: ${value}` : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const found = oddNumber(inner, `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** An experiment of which some scenarios were left, some cells failed, and some values are missing. */
function partOf(
  { id, title, question, paper, claims, caveats, ...experiment }: Experiment,
  lacking: number,
  random: Random,
): ExperimentResult {
  const rate = (): number => [0, 0.1, 0.5, 0.9][Math.floor(random.uniform() * 4)] ?? 0;
  const [left, failed] = [rate(), rate()];
  const cells = experiment.scenarios
    .filter(() => random.uniform() >= left)
    .flatMap((scenario) => {
      const lacks = new Set<string>();
      const has = new Set<string>();
      const knows = (name: string): boolean => {
        if (!has.has(name) && !lacks.has(name)) (random.uniform() < lacking ? lacks : has).add(name);
        return has.has(name);
      };
      return Array.from({ length: Math.min(SEEDS_MAX, scenario.seeds) }, (_, n): CellResult => {
        const seed = n + 1;
        const cell =
          random.uniform() < failed
            ? failedCell(scenario.id, seed, 'No disk.')
            : completed(scenario, seed, knows, random);
        const { label, parameters } = scenario;
        return {
          ...cell,
          provenance: { ...cell.provenance, experiment: id, label, clock: clockOf(scenario), parameters },
        };
      });
    });
  return {
    experiment: { id, title, question, paper },
    cells,
    claims: judgeClaims(claims, cells),
    caveats,
    left: [],
  };
}

function completed(
  scenario: Scenario,
  seed: number,
  knows: (name: string) => boolean,
  random: Random,
): CompletedCell {
  const measured = {
    values: answering(knows, () => 100 * random.uniform()),
    samples: answering(knows, () => [random.uniform(), random.uniform()]),
    curves: answering(knows, (): Curve => ({ x: [0, 1, 2], y: [0, random.uniform(), 1] })),
  };
  const isRun = scenario.kind === 'real' || (scenario.kind === 'virtual' && scenario.keep === 'run');
  if (!isRun) return { ...valuesCell({ scenario: scenario.id, seed }), ...measured };
  const frameworks = scenario.cluster.frameworks.map(({ name }) => measuredFramework(name, random));
  const { provenance, ...cell } = completedCell({ system: scenario.system, seed, frameworks });
  return { ...cell, provenance: { ...provenance, scenario: scenario.id }, ...measured };
}

function measuredFramework(name: string, random: Random): FrameworkMeasure {
  const kinds = ['text search', 'large tachyon'];
  const jobs = kinds.map((kind, n) =>
    job(`${name}-${n}`, kind, 1 + n, random.uniform() < 0.3 ? null : 100 * random.uniform()),
  );
  return framework(
    name,
    jobs.filter(() => random.uniform() < 0.8),
  );
}

/** Has all that it is asked for, but what nobody knows. */
function answering<T>(knows: (name: string) => boolean, value: () => T): Readonly<Record<string, T>> {
  return new Proxy<Record<string, T>>(
    {},
    {
      get(known, name: string) {
        if (knows(name)) known[name] ??= value();
        return known[name];
      },
      has: (_, name: string) => knows(name),
    },
  );
}

test.run();
