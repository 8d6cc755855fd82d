/** `lab list`: which experiments there are, and what they consist of. */
import { Command } from 'commander';
import { EXPERIMENTS } from '../experiments/catalogue.ts';
import { clockOf, type Experiment } from '../experiments/experiment.ts';
import { usageError } from './exit.ts';

/** The command. */
export const listCommand = new Command('list')
  .description('list the experiments, or the scenarios of one')
  .argument('[experiment]', 'only this one, with its scenarios')
  .option('--json', 'as JSON')
  .action((id: string | undefined, flags) => {
    const experiments = id === undefined ? EXPERIMENTS : EXPERIMENTS.filter((one) => one.id === id);
    if (experiments.length === 0)
      throw usageError(
        `there is no experiment '${id}'; there is: ${EXPERIMENTS.map((one) => one.id).join(', ')}`,
      );
    if (flags.json) {
      console.log(JSON.stringify(experiments.map(asData)));
      return;
    }
    for (const experiment of experiments) {
      const { title, question, paper } = experiment;
      console.log(`${experiment.id}\n  ${title}\n  ${question}\n  ${consistsOf(experiment)}`);
      if (id === undefined) continue;
      console.log(`  ${paper}`);
      for (const scenario of experiment.scenarios)
        console.log(
          `    ${scenario.id} (${clockOf(scenario)}, ${seedsOf(scenario.seeds)}${scenario.isLarge ? ', large' : ''}): ${scenario.label}`,
        );
    }
  });

function consistsOf({ scenarios, scaled, input, claims }: Experiment): string {
  const clocks = [...new Set(scenarios.map(clockOf))].map((clock) => {
    const own = scenarios.filter((scenario) => clockOf(scenario) === clock);
    const runs = own.reduce((sum, { seeds }) => sum + seeds, 0);
    return `${clock}: ${runs} ${runs === 1 ? 'run' : 'runs'}`;
  });
  return [
    ...clocks,
    `${claims.length} ${claims.length === 1 ? 'claim' : 'claims'} of the paper`,
    ...(scaled === undefined ? [] : ['takes --scale']),
    ...(input === undefined ? [] : [`takes --input: ${input.what}`]),
  ].join('; ');
}

const seedsOf = (seeds: number): string => `${seeds} ${seeds === 1 ? 'seed' : 'seeds'}`;

function asData({ id, title, question, paper, scenarios, claims, input }: Experiment) {
  return {
    ...{ id, title, question, paper, claims: claims.length, input: input?.what ?? null },
    scenarios: scenarios.map((scenario) => ({
      ...{ id: scenario.id, label: scenario.label, clock: clockOf(scenario), seeds: scenario.seeds },
      isLarge: scenario.isLarge ?? false,
      parameters: scenario.parameters,
    })),
  };
}
