/** `lab status`: how the machines and processes of a deployment are. */
import { Command } from 'commander';
import { holderOf } from '../../infra/deployments/holder.ts';
import { deploymentNames, deploymentsHome } from '../../infra/deployments/home.ts';
import { readRecord } from '../../infra/deployments/record.ts';
import { lookAtMachines, type MachineLook, type ProcessLook } from '../up/look.ts';
import { type Deployed, deployed, folderFor, meantName } from './deployed.ts';
import { EXIT } from './exit.ts';
import { lookAtMaster, type MasterLook } from './masterLook.ts';

/** A deployment as it was seen. */
interface DeploymentLook {
  readonly name: string;
  readonly state: string;
  readonly madeAt: string;
  /** What a command does with it at the moment. */
  readonly atWork: string | null;
  readonly master: MasterLook | null;
  readonly machines: readonly MachineLook[];
}

/** The command. */
export const statusCommand = new Command('status')
  .description('tell how the machines and processes of a deployment are')
  .argument('[name]', 'which deployment (default: the only one; if there are several, their names)')
  .option('--json', 'as JSON')
  .action(async (given: string | undefined, { json }: { readonly json?: boolean }) => {
    const names = deploymentNames(deploymentsHome());
    if (given === undefined && names.length !== 1) return list(names, json ?? false);
    const look = await lookAt(deployed(meantName(given)));
    if (json) console.log(JSON.stringify(look));
    else for (const line of linesOf(look)) console.log(line);
    process.exitCode = isWell(look) ? EXIT.ok : EXIT.infrastructure;
  });

function list(names: readonly string[], json: boolean): void {
  const rows = names.map((name) => {
    const folder = folderFor(name);
    const found = readRecord(folder);
    const { state, madeAt } = found.is === 'found' ? found.record : { state: found.is, madeAt: null };
    return { name, state, madeAt, atWork: holderOf(folder)?.work ?? null };
  });
  if (json) console.log(JSON.stringify({ deployments: rows }));
  else if (rows.length === 0) console.log("There is no deployment; 'lab up' makes one.");
  else
    for (const line of columns(
      rows.map(({ name, state, madeAt, atWork }) => [name, state, madeAt ?? '', atWork ?? '']),
    ))
      console.log(line);
}

async function lookAt({ folder, record }: Deployed): Promise<DeploymentLook> {
  const { name, state, madeAt } = record;
  const [machines, master] = await Promise.all([
    lookAtMachines(folder, record),
    lookAtMaster({ folder, record }),
  ]);
  return { name, state, madeAt, atWork: holderOf(folder)?.work ?? null, master, machines };
}

function isWell({ master, machines }: DeploymentLook): boolean {
  return (
    master?.is !== 'silent' &&
    machines.every((machine) => machine.is === 'up' && machine.processes.every(({ is }) => is === 'running'))
  );
}

function linesOf({ name, state, madeAt, atWork, master, machines }: DeploymentLook): readonly string[] {
  const rows = machines.map((machine) => [machine.name, machine.ip ?? '-', ...cellsOf(machine)]);
  const ended = machines.flatMap((machine) =>
    machine.is === 'up'
      ? machine.processes.filter(({ is }) => is !== 'running').map((one) => endInWords(one))
      : [],
  );
  return [
    `${name}: ${state}${atWork === null ? '' : ` ('${atWork}' is at work)`}, ${machines.length} machines, since ${madeAt}`,
    ...(master === null ? [] : [masterInWords(master)]),
    ...columns([['MACHINE', 'ADDRESS', 'IS', 'CLOCK', 'CPU', 'MEMORY', 'RUNS'], ...rows]),
    ...ended,
  ];
}

function masterInWords(master: MasterLook): string {
  if (master.is === 'silent') return `no master: ${master.why}`;
  const { address, slaves, inactive, frameworks } = master;
  const which = inactive === 0 ? '' : ` (${inactive} inactive)`;
  return `the master at ${address} leads; slaves registered: ${slaves}${which}, frameworks: ${frameworks}`;
}

const GIB = 1024 ** 3;

function cellsOf(machine: MachineLook): readonly string[] {
  switch (machine.is) {
    case 'up': {
      const { clock, usage, processes } = machine;
      const [used, total] = [usage.memoryUsedBytes, usage.memoryTotalBytes].map((bytes) =>
        (bytes / GIB).toFixed(1),
      );
      const running = processes.filter(({ is }) => is === 'running').map(({ name }) => name);
      return [
        'up',
        `${clock.offsetMs >= 0 ? '+' : ''}${clock.offsetMs.toFixed(2)}±${clock.errorMs.toFixed(2)} ms`,
        `${Math.round(usage.cpuBusy * 100)}%`,
        `${used}/${total} GiB`,
        running.join(' ') || '-',
      ];
    }
    case 'failed':
    case 'silent':
      return [machine.is, machine.why];
    default:
      return machine satisfies never;
  }
}

function endInWords({ machine, name, is, exit }: ProcessLook): string {
  if (is === 'gone' || exit === null) return `${name} on ${machine} does not run any more`;
  return `${name} on ${machine} has ended (${exit.signal ?? `exit code ${exit.code}`}); 'lab logs' shows its last words`;
}

/** Rows with their columns one below the other; the last may be of any width. */
function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [index, cell] of row.slice(0, -1).entries())
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
