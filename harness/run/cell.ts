/** A cell: one scenario of an experiment with one seed. */
import { type Choices, clockOf, type Experiment, type Scenario } from '../experiments/experiment.ts';
import type { RealFramework } from '../experiments/realScenario.ts';
import { realWork } from '../experiments/realWork.ts';
import type { VirtualFramework } from '../experiments/virtualScenario.ts';
import type { MachinesUsed, Provenance } from '../result.ts';
import { type Setting, sha256 } from './provenance.ts';
import { shellWord } from './shellWord.ts';

/** A cell to run. */
export interface Cell {
  readonly experiment: Experiment;
  readonly scenario: Scenario;
  readonly seed: number;
  readonly choices: Choices;
}

/** What a person calls a cell. */
export function cellName({ experiment, scenario, seed }: Cell): string {
  return `${experiment.id} ${clockOf(scenario)} ${scenario.id} seed ${seed}`;
}

/** A number of a cell's id, in hexadecimal. */
const ID_DIGITS = 16;

/**
 * The id of a cell: a hash of what is run, by which code, and but for virtual time also where. A cell with the same id need not be
 * run again.
 */
export function cellId(cell: Cell, setting: Setting): string {
  const { experiment, scenario, seed } = cell;
  const { nodeVersion, cpuModel, cores, memoryBytes, kernel, on } = setting;
  const environment = clockOf(scenario) === 'virtual' ? {} : { cpuModel, cores, memoryBytes, kernel, on };
  const specification = { id: experiment.id, seed, scenario: { ...scenario, work: workOf(scenario, seed) } };
  return sha256(JSON.stringify({ specification, code: setting.code, nodeVersion, environment })).slice(
    0,
    ID_DIGITS,
  );
}

/** What a seed makes of a scenario; the rest of it is plain data, or code, which counts as such. */
function workOf(scenario: Scenario, seed: number): unknown {
  switch (scenario.kind) {
    case 'virtual':
      return scenario.cluster.frameworks.map((one) => (one.kind === 'load' ? null : one.jobs(seed)));
    case 'real':
      return scenario.cluster.frameworks.map((one) => realWork(one, seed));
    case 'trial':
      return null;
    default:
      return scenario satisfies never;
  }
}

/** The cell's provenance, except what only its run can tell. */
export function provenanceOf(
  cell: Cell,
  setting: Setting,
  { startedAt, wallSeconds }: Pick<Provenance, 'startedAt' | 'wallSeconds'>,
  machines?: MachinesUsed,
): Provenance {
  const { experiment, scenario, seed } = cell;
  const { code: _code, on, ...rest } = setting;
  return {
    ...rest,
    startedAt,
    wallSeconds,
    experiment: experiment.id,
    cellId: cellId(cell, setting),
    scenario: scenario.id,
    label: scenario.label,
    clock: clockOf(scenario),
    seed,
    command: `${commandFor(experiment, [scenario], cell.choices, on)} --seed ${seed}`,
    ...(machines !== undefined && { machines }),
    parameters: { ...scenario.parameters, ...clusterParameters(scenario) },
  };
}

/** The command that runs scenarios of one clock. */
export function commandFor(
  { id }: Pick<Experiment, 'id'>,
  scenarios: readonly [Scenario, ...Scenario[]],
  { scale, input }: Choices,
  on?: string,
): string {
  const clock = clockOf(scenarios[0]);
  return [
    `npx lab run ${id}`,
    ...(on === undefined || clock === 'virtual' ? [] : [`--on ${shellWord(on)}`]),
    ...(input === undefined ? [] : [`--input ${shellWord(input)}`]),
    ...(scale === undefined || scale === 1 ? [] : [`--scale ${scale}`]),
    `--clock ${clock} --only ${scenarios.map((scenario) => scenario.id).join(' ')}`,
  ].join(' ');
}

const PER_SLAVE: Readonly<Record<string, string>> = {
  cpus: 'CPUs per slave',
  mem: 'memory per slave (MiB)',
};

function clusterParameters(scenario: Scenario): Readonly<Record<string, string | number>> {
  if (scenario.kind === 'trial') return {};
  const { slaves, slaveResources, replication, frameworks } = scenario.cluster;
  return {
    slaves,
    ...Object.fromEntries(
      Object.entries(slaveResources).map(([name, amount]) => [
        PER_SLAVE[name] ?? `${name} per slave`,
        amount,
      ]),
    ),
    'replicas of each block': replication,
    ...(scenario.system === 'static' &&
      Object.fromEntries(frameworks.map(({ name, partition }) => [`slaves of ${name}`, partition]))),
    ...localityWaits(frameworks),
  };
}

/** How long jobs wait for slots beside their data: one number if all frameworks have the same. */
function localityWaits(
  frameworks: readonly (VirtualFramework | RealFramework)[],
): Readonly<Record<string, number>> {
  const waits = frameworks.flatMap((one) =>
    one.kind === 'hadoop' ? [[one.name, one.localityWaitMs / 1000] as const] : [],
  );
  const [first] = waits;
  return first !== undefined && waits.every(([, waitS]) => waitS === first[1])
    ? { 'locality wait (s)': first[1] }
    : Object.fromEntries(waits.map(([name, waitS]) => [`locality wait of ${name} (s)`, waitS]));
}
