/** `lab logs`: what the processes of a deployment have written, and go on to write. */
import { Command } from 'commander';
import type { MachineRecord, ProcessRecord } from '../../infra/deployments/record.ts';
import type { RemoteMachine } from '../../infra/nodeDaemon/connect.ts';
import { printable } from '../jobs/jobTable.ts';
import { endInWords, exitInWords } from '../run/deployment.ts';
import { reacher } from '../up/look.ts';
import { type Deployed, deployed, meantName } from './deployed.ts';
import { EXIT, infrastructureError, usageError } from './exit.ts';
import { wholeNumber } from './flagValues.ts';
import { listenForInterruption } from './interruption.ts';

const LINES = 20;
const LINES_MAX = 100_000;
const NAME_WIDTH = 20;

interface Flags {
  readonly follow?: boolean;
  readonly lines?: number;
}

/** The command. */
export const logsCommand = new Command('logs')
  .description('show what the processes of a deployment have written')
  .argument('<name>', 'which deployment')
  .argument('[what]', 'a process, e.g. master1, or a machine (default: all)')
  .option('--follow', 'show what is still remembered of each, and go on until Ctrl-C')
  .option('--lines <n>', `the last so many of each (default: ${LINES})`, wholeNumber('--lines', 1, LINES_MAX))
  .action(async (name: string, what: string | undefined, flags: Flags) => {
    if (flags.follow && flags.lines !== undefined)
      throw usageError('--follow begins with what is remembered: leave --lines out');
    const one = deployed(meantName(name));
    const wanted = chosen(one, what);
    const reach = await reacher(one.folder, one.record.asked);
    const interruption = listenForInterruption();
    const showing = Promise.all(
      machinesWith(one, wanted).map((machine) => {
        const own = wanted.filter((process) => process.machine === machine.name);
        return showMachine(machine, own, reach, { ...flags, areNamed: wanted.length > 1 });
      }),
    );
    process.exitCode = Math.max(EXIT.ok, ...(await interruption.unless(showing)));
  });

function chosen({ record }: Deployed, what: string | undefined): readonly ProcessRecord[] {
  const { processes } = record;
  const found = processes.filter(
    ({ machine, name }) => what === undefined || what === machine || what === name,
  );
  if (found.length > 0) return found;
  if (what === undefined) throw infrastructureError(`nothing was started on '${record.name}' yet`);
  const names = [...new Set(processes.flatMap(({ machine, name }) => [machine, name]))];
  throw usageError(`'${record.name}' has no process and no machine '${what}'; it has: ${names.join(', ')}`);
}

function machinesWith({ record }: Deployed, wanted: readonly ProcessRecord[]): readonly MachineRecord[] {
  const names = new Set(wanted.map(({ machine }) => machine));
  return record.machines.filter(({ name }) => names.has(name));
}

interface Showing extends Flags {
  /** Each line begins with the name of its process. */
  readonly areNamed: boolean;
}

/** Shows the logs of a machine's processes; with the exit code that this means. */
async function showMachine(
  record: MachineRecord,
  processes: readonly ProcessRecord[],
  reach: (machine: MachineRecord) => Promise<RemoteMachine>,
  showing: Showing,
): Promise<number> {
  try {
    await using machine = await reach(record);
    await Promise.all(processes.map(({ name }) => show(machine, name, showing)));
    return EXIT.ok;
  } catch (error) {
    console.error(`lab: ${(error as Error).message}`);
    return EXIT.infrastructure;
  }
}

async function show(
  machine: RemoteMachine,
  name: string,
  { follow, lines = LINES, areNamed }: Showing,
): Promise<void> {
  const tell = (line: string): void =>
    console.log(areNamed ? `${name.padEnd(NAME_WIDTH)} ${printable(line)}` : printable(line));
  const info = (await machine.processes()).findLast((one) => one.isKept && one.name === name);
  if (!follow || info === undefined || info.exit !== null) {
    const text = await machine.run('tail', '-n', String(lines), `${name}.log`);
    for (const line of text.split('\n').slice(0, -1)) tell(line);
    if (info !== undefined && info.exit !== null) tell(`[${name} ${endInWords(info.exit)}]`);
    return;
  }
  const process = await machine.follow(info);
  for (const line of process.lastLines()) tell(line);
  process.onLine(/^.*$/s, ([line]) => tell(line));
  tell(`[${exitInWords(process, await process.exited)}]`);
}
