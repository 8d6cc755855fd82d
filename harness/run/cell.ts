/** A cell: one scenario of an experiment on one system, by one clock, with one seed. */
import type { Experiment } from '../experiments/experiment.ts';
import type { ClockKind, Provenance, System } from '../result.ts';
import { type Setting, sha256 } from './provenance.ts';

/** A cell to run. */
export interface Cell {
  readonly experiment: Experiment;
  readonly system: System;
  readonly clock: ClockKind;
  readonly seed: number;
}

/** What a person calls a cell. */
export function cellName({ clock, system, seed }: Cell): string {
  return `${clock} ${system} seed ${seed}`;
}

/** A number of a cell's id, in hexadecimal. */
const ID_DIGITS = 16;

/**
 * The id of a cell: a hash of what is run, by which code, and for real also where. A cell with the same id need not be run
 * again.
 */
export function cellId(cell: Cell, setting: Setting): string {
  const { experiment, system, clock, seed } = cell;
  const scenario = clock === 'virtual' ? experiment.virtual : experiment.real;
  const frameworks = scenario.frameworks.map((framework) => ({
    ...framework,
    work: 'work' in framework ? framework.work(seed) : framework.jobs(seed),
  }));
  const { nodeVersion, cpuModel, cores, memoryBytes, kernel } = setting;
  const environment = clock === 'real' ? { cpuModel, cores, memoryBytes, kernel } : {};
  const specification = { id: experiment.id, system, clock, seed, scenario: { ...scenario, frameworks } };
  return sha256(JSON.stringify({ specification, code: setting.code, nodeVersion, environment })).slice(
    0,
    ID_DIGITS,
  );
}

/** The cell's provenance, except what only its run can tell. */
export function provenanceOf(
  cell: Cell,
  setting: Setting,
  { startedAt, wallSeconds }: Pick<Provenance, 'startedAt' | 'wallSeconds'>,
): Provenance {
  const { experiment, system, clock, seed } = cell;
  const { code: _code, ...rest } = setting;
  return {
    ...rest,
    startedAt,
    wallSeconds,
    experiment: experiment.id,
    cellId: cellId(cell, setting),
    system,
    clock,
    seed,
    command: `npx lab run ${experiment.id} --clock ${clock} --seed ${seed} --out out/${experiment.id}`,
    parameters: parameters(cell),
  };
}

function parameters({ experiment, clock, system }: Cell): Readonly<Record<string, string | number>> {
  const scenario = clock === 'virtual' ? experiment.virtual : experiment.real;
  const { slaves, slaveResources, replication, frameworks } = scenario;
  return {
    slaves,
    'CPUs per slave': slaveResources.cpus ?? 0,
    'memory per slave (MiB)': slaveResources.mem ?? 0,
    'replicas of each block': replication,
    ...(system === 'static' &&
      Object.fromEntries(frameworks.map(({ name, partition }) => [`slaves of ${name}`, partition]))),
    ...Object.fromEntries(
      frameworks.flatMap((framework) =>
        framework.kind === 'hadoop'
          ? [[`locality wait of ${framework.name} (s)`, framework.localityWaitMs / 1000]]
          : [],
      ),
    ),
  };
}
