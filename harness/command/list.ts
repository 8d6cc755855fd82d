/** `lab list`: which experiments there are. */
import { Command } from 'commander';
import { EXPERIMENTS } from '../experiments/catalogue.ts';

/** The command. */
export const listCommand = new Command('list')
  .description('list the experiments')
  .option('--json', 'as JSON')
  .action((flags) => {
    if (flags.json) {
      const rows = EXPERIMENTS.map(({ id, title, question, paper }) => ({ id, title, question, paper }));
      console.log(JSON.stringify(rows));
      return;
    }
    for (const { id, title, question } of EXPERIMENTS) console.log(`${id}\n  ${title}\n  ${question}`);
  });
