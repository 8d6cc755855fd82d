/** `lab submit service`: so many instances of a command that are kept running, until Ctrl-C. */
import { Command } from 'commander';
import { usageError } from '../exit.ts';
import { duration, wholeNumber } from '../flagValues.ts';
import { FRAMEWORKS } from '../frameworks.ts';
import type { Submission } from './submission.ts';
import { nameOf, type OwnFlags, slotOf, submitting } from './submitting.ts';

interface ServiceFlags extends OwnFlags {
  readonly n: number;
  readonly per_slave?: number;
  /** In milliseconds. */
  readonly run_for?: number;
}

const INSTANCES_MAX = 100_000;

/** The command. */
export const serviceCommand = submitting<ServiceFlags>(
  new Command('service')
    .description("keep so many instances of a command running, until Ctrl-C or 'lab jobs delete'")
    .argument('<command>', 'a line for the shell')
    .option('-n <instances>', 'number of instances', wholeNumber('-n', 1, INSTANCES_MAX), 1)
    .option('--per_slave <n>', 'most instances on one slave', wholeNumber('--per_slave', 1, INSTANCES_MAX))
    .option('--run_for <duration>', 'end after this long', duration('--run_for')),
  (flags, [line]) => serviceSubmission(flags, String(line)),
);

function serviceSubmission(flags: ServiceFlags, line: string): Submission {
  const id = nameOf(flags, 'service');
  const { n: instances, per_slave: perSlaveMax, run_for: runForMs } = flags;
  const slot = slotOf(flags);
  const service = {
    id: id.replaceAll('.', '-'),
    instances,
    task: { type: 'command', command: line },
    resources: slot,
    ...(perSlaveMax !== undefined && { placement: { perSlaveMax } }),
  };
  return {
    async prepare() {
      const ends = { endsWithServices: true, ...(runForMs !== undefined && { runForMs }) };
      const config = { name: id, services: [service], ...ends };
      const framework = await FRAMEWORKS.service(config, {}).catch((error: Error) => {
        throw usageError(error.message);
      });
      return {
        ...framework,
        collect: async (result) => ({ lines: [`${id} has ended`], json: { job: result } }),
        cleanUp: async () => [],
      };
    },
  };
}
