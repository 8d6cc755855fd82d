/** What an experiment is: one value that says what is asked, in which scenarios, and what the paper says of it. */

import type { MachineProvider } from '../../infra/machine.ts';
import type { PaperClaim } from '../../reports/paper/claim.ts';
import type { Fold } from '../measure/fold.ts';
import type { Pass } from '../measure/pass.ts';
import type { Check, ClockKind, Curve, MachinesUsed, System } from '../result.ts';
import type { MachinesWanted, RealScenario } from './realScenario.ts';
import type { VirtualScenario } from './virtualScenario.ts';

/** An experiment. Code in `run/` interprets it. */
export interface Experiment {
  readonly id: string;
  readonly title: string;
  /** What is asked, in one sentence. */
  readonly question: string;
  /** What the paper did, and where it says so. */
  readonly paper: string;
  /** What the paper says, to be held against the runs. */
  readonly claims: readonly PaperClaim[];
  readonly scenarios: readonly Scenario[];
  /** The scenarios at a part of the paper's size, above 0; absent if the experiment has one size only. */
  readonly scaled?: (scale: number) => readonly Scenario[];
  /** For experiments on a file of the user's: what it must be, and the scenarios that it makes. Throws with a sentence if it will not do. */
  readonly input?: { readonly what: string; readonly scenarios: (path: string) => readonly Scenario[] };
  /** What a reader must know before believing the numbers. */
  readonly caveats: readonly string[];
}

/** A scenario of an experiment; with a seed it is a cell. */
export type Scenario = VirtualRunScenario | RealRunScenario | TrialScenario;

/** What all scenarios have. */
interface ScenarioFrame {
  /** Unique among the experiment's scenarios of the same clock. Where two systems are compared, they are `mesos` and `static`. */
  readonly id: string;
  /** What a reader calls it. */
  readonly label: string;
  /** Seeds, unless the user wants another number of them. */
  readonly seeds: number;
  /** It has this machine for itself for minutes: who asks for all experiments at once does not get it unless they say so. */
  readonly isLarge?: true;
  /** What distinguishes it, as shown to the reader and on axes: name with unit to value. */
  readonly parameters: Readonly<Record<string, string | number>>;
}

/** A cluster in virtual time. */
export interface VirtualRunScenario extends ScenarioFrame {
  readonly kind: 'virtual';
  readonly system: System;
  readonly cluster: VirtualScenario;
  /** What is kept: all that there is to tell of jobs, shares and utilisation, with the history; or values and curves only. */
  readonly keep: 'run' | 'values';
  /** Width of the steps that shares and utilisation are averaged over, in seconds; default 2. */
  readonly stepS?: number;
  /** What is measured beside that, from the history as it happens. */
  readonly measures?: readonly MakeMeasure[];
}

/** A cluster of real processes. */
export interface RealRunScenario extends ScenarioFrame {
  readonly kind: 'real';
  readonly system: System;
  readonly cluster: RealScenario;
  /** What is measured beside jobs, shares and utilisation, from the merged history. */
  readonly measures?: readonly MakeMeasure[];
}

/** Anything else that gives values: code of its own. Its parameters must tell apart what its code does not. */
export interface TrialScenario extends ScenarioFrame {
  readonly kind: 'trial';
  readonly clock: ClockKind;
  /** What machines its processes run on; default: local ones. */
  readonly machines?: MachinesWanted;
  readonly run: (trial: Trial) => Promise<Findings>;
}

/** What a trial is given. */
export interface Trial {
  readonly seed: number;
  /** A folder for what is to be kept, e.g. a history; it is there. */
  readonly folder: string;
  /** So many of so many are done. */
  readonly report: (done: number, total: number, detail: string) => void;
  /** Provisions the machines that it runs processes on, if it does. */
  readonly provide: MachineProvider;
  /** Aborts when the user wants to stop. */
  readonly stopping: AbortSignal;
}

/** What was measured. Names of values and curves are unique in a scenario, and end with the unit: `ramp-up (s)`. */
export interface Findings {
  readonly values: Readonly<Record<string, number>>;
  readonly curves?: Readonly<Record<string, Curve>>;
  /** What was measured several times within the cell, as often as seeds would; named like a value. */
  readonly samples?: Readonly<Record<string, readonly number[]>>;
  readonly checks?: readonly Check[];
  /** The machines that its processes ran on. */
  readonly machines?: MachinesUsed;
  /** Busy fraction of all cores while it ran. */
  readonly cpuBusy?: number;
  /** Set if the harness or the machine was the bottleneck; says why. */
  readonly limited?: string;
  /** The same for single values and samples, by their names. */
  readonly limitedValues?: Readonly<Record<string, string>>;
}

/** Measures one thing from a history, line by line. */
export type Measure = Fold<Findings>;

/** A measure for a pass over a history; without one, for a pass of its own. */
export type MakeMeasure = (pass?: Pass) => Measure;

/** A part of the paper's size that is run, and a file of the user's: what scenarios depend on beside the experiment. */
export interface Choices {
  /** Default 1. */
  readonly scale?: number;
  readonly input?: string;
}

/**
 * The scenarios of an experiment. None if it needs a file and there is none. Throws a TypeError with a sentence if the experiment
 * cannot be had so.
 */
export function scenariosOf(experiment: Experiment, { scale = 1, input }: Choices): readonly Scenario[] {
  const { id, scaled, input: file, scenarios } = experiment;
  if (scale !== 1) {
    if (scaled === undefined)
      throw new TypeError(`the experiment '${id}' has one size only: leave --scale out`);
    return scaled(scale);
  }
  return file !== undefined && input !== undefined ? file.scenarios(input) : scenarios;
}

/** Which clock a scenario runs by. */
export function clockOf(scenario: Scenario): ClockKind {
  return scenario.kind === 'trial' ? scenario.clock : scenario.kind;
}
