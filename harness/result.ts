/** What a run leaves for the report: plain data, stored as JSON, drawable again years later. */

import type { Quantity } from './quantity.ts';

/** A quantity over time: means over equal steps from time 0. Never sampled silently: `stepS` says how coarse it is. */
export interface Series {
  readonly stepS: number;
  readonly values: readonly number[];
}

/** The two ways of running the frameworks that an experiment sets against each other. */
export type System = 'mesos' | 'static';

/**
 * Which clock the numbers come from: a simulation in virtual time; this machine's own, with real masters and sockets but slaves
 * that share processes and tasks that sleep; or this machine's own with real processes.
 */
export type ClockKind = 'virtual' | 'emulated' | 'real';

/** Where a number comes from, enough to make it again. */
export interface Provenance {
  readonly experiment: string;
  /** Hash of the cell's specification, code and environment. */
  readonly cellId: string;
  /** The scenario that was run: its id in the experiment, and what a reader calls it. */
  readonly scenario: string;
  readonly label: string;
  readonly clock: ClockKind;
  readonly seed: number;
  /** The command that makes this run again. */
  readonly command: string;
  readonly commit: string;
  /** The working tree had changes that no commit holds. */
  readonly dirty: boolean;
  readonly lockfileSha256: string;
  readonly nodeVersion: string;
  readonly cpuModel: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  /** The machines that processes ran on, if they did on any but this one. */
  readonly machines?: MachinesUsed;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly wallSeconds: number;
  /** Parameters of the scenario, as shown to the reader: name to value with unit. */
  readonly parameters: Readonly<Record<string, string | number>>;
}

/** The machines of a run, one for the head and one for each slave. */
export interface MachinesUsed {
  /** E.g. `netns`. */
  readonly kind: string;
  /** Shared: they are parts of the one machine that the rest of the provenance describes. */
  readonly hardware: 'shared' | 'own';
  /** Why they are not of the kind that was wanted, in one sentence; absent if they are. */
  readonly instead?: string;
  readonly count: number;
  /** Processors of each; of shared ones, of all. */
  readonly cpusEach: readonly number[];
  /** How wrong the differences between their clocks, and ours, may be; 0 if they share one. */
  readonly clockErrorMs: number;
}

/** One job as it ran. Times in seconds from the start of the run. */
export interface JobMeasure {
  readonly id: string;
  readonly kind: string;
  readonly tasks: number;
  /** When it was meant to be submitted: latency counts from here. */
  readonly submittedS: number;
  readonly startedS: number | null;
  readonly endedS: number | null;
  readonly outcome: 'finished' | 'failed' | 'unfinished';
}

/** One framework as it ran. */
export interface FrameworkMeasure {
  readonly name: string;
  /** Share of the cluster's CPUs that its tasks held, 0 to 1. */
  readonly share: Series;
  readonly jobs: readonly JobMeasure[];
  /** Map tasks by where their block came from; null where blocks play no part. */
  readonly locality: { readonly local: number; readonly remote: number } | null;
  /** Time-weighted mean share while the framework had unfinished jobs. */
  readonly meanShareWhileBusy: number;
}

/** The harness's account of itself. */
export interface HarnessMeasure {
  /** Busy fraction of all cores during the run; null where not measured (virtual time). */
  readonly cpuBusy: number | null;
  /** Events of the simulation per second of wall time; null for real runs. */
  readonly eventsPerSecond: number | null;
  /** Lines of history. */
  readonly historyLines: number;
  /**
   * SHA-256 of the history as a file, kept or not: the same seed gives the same value in virtual time. Null if there is no history, and
   * of older versions if it was not kept.
   */
  readonly historySha256: string | null;
  /** Path of the history, relative to the report; null if it was not kept, for the command makes it again. */
  readonly historyFile: string | null;
  /** Set if the harness or the machine, not the system, was the bottleneck; says why. */
  readonly limited: string | null;
  /** The same for single values and samples, by their names; absent if it holds for none alone. */
  readonly limitedValues?: Readonly<Record<string, string>>;
}

/** A check of the run that must hold, whatever the numbers. */
export interface Check {
  readonly id: string;
  /** A sentence that is true if the check passed. */
  readonly claim: string;
  readonly verdict: 'passed' | 'failed' | 'unknown';
  /** What was seen. */
  readonly detail: string;
}

/** One cell: one scenario with one seed. */
export type CellResult = CompletedCell | FailedCell;

/** A cell that ran to its end. */
export type CompletedCell = RunCell | ValuesCell;

/** What all cells that ran to their end have. */
interface Measured {
  readonly state: 'completed';
  readonly provenance: Provenance;
  /** What the experiment measured, by name; the name ends with the unit, e.g. `ramp-up (s)`. */
  readonly values: Readonly<Record<string, number>>;
  /** Measured curves, by name. */
  readonly curves: Readonly<Record<string, Curve>>;
  /** What was measured several times within the cell, by name; absent if nothing was. */
  readonly samples?: Readonly<Record<string, readonly number[]>>;
  readonly checks: readonly Check[];
  readonly harness: HarnessMeasure;
}

/** Points of a curve, in order: as many x as y. */
export interface Curve {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** A cell of which only values and curves are kept. */
export interface ValuesCell extends Measured {
  readonly kind: 'values';
}

/** A cell in which a cluster ran frameworks with jobs, with all that there is to tell of it. */
export interface RunCell extends Measured {
  readonly kind: 'run';
  readonly cluster: { readonly slaves: number; readonly cpus: number; readonly memMiB: number };
  /** From the start until the last job ended. */
  readonly makespanS: number;
  readonly frameworks: readonly FrameworkMeasure[];
  readonly utilisation: {
    /** Fraction of all CPUs held by tasks. */
    readonly cpus: Series;
    readonly mem: Series;
    readonly meanCpus: number;
    readonly meanMem: number;
  };
  readonly tasks: {
    readonly finished: number;
    readonly failed: number;
    readonly killed: number;
    readonly lost: number;
  };
  /** Every offer by how it ended; null without offers (static partitions). */
  readonly offers: {
    readonly sent: number;
    readonly accepted: number;
    readonly declined: number;
    readonly rescinded: number;
    readonly open: number;
  } | null;
  /** When offers ended, and how; null without offers. */
  readonly offerFlow: OfferFlow | null;
  /** What went wrong, and from when until when. */
  readonly faults: readonly FaultSpan[];
  /** Who held which slot when; null where it is not kept: it is for the first seed of a scenario. */
  readonly timeline: Timeline | null;
}

/** Offers that ended, by how they ended: numbers over equal steps from time 0, and by framework. */
export interface OfferFlow {
  readonly stepS: number;
  readonly accepted: readonly number[];
  readonly declined: readonly number[];
  readonly rescinded: readonly number[];
  readonly frameworks: readonly {
    readonly name: string;
    readonly accepted: number;
    readonly declined: number;
    readonly rescinded: number;
  }[];
}

/** A span in which something was wrong. Times in seconds from the start of the run. */
export interface FaultSpan {
  readonly fromS: number;
  readonly toS: number;
  /** In a few words, e.g. `no master`. */
  readonly label: string;
}

/**
 * Tasks by slave and slot over time, put together into segments: tasks of a framework that follow each other on a slot with
 * pauses of at most `pauseS` are one segment. A slave has as many slots as it ran tasks at once.
 */
export interface Timeline {
  /** Slots of each slave that is part of this, in the order of their hostnames. */
  readonly slots: readonly number[];
  /** Slaves that are left out, because there would be too many segments. */
  readonly slavesLeftOut: number;
  /** Tasks that the segments are made of. */
  readonly tasks: number;
  /** The longest pause within a segment, in seconds. */
  readonly pauseS: number;
  /** Names of the frameworks that segments refer to. */
  readonly frameworks: readonly string[];
  /** The segments, a column for each quantity, all of the same length. Slaves, slots and frameworks are counted from 0. */
  readonly slave: readonly number[];
  readonly slot: readonly number[];
  readonly framework: readonly number[];
  readonly fromS: readonly number[];
  readonly toS: readonly number[];
}

/** A cell that did not. */
export interface FailedCell {
  readonly state: 'failed';
  readonly provenance: Provenance;
  /** Whose fault: the machine's, or the system's under test. */
  readonly cause: 'infrastructure' | 'system';
  readonly reason: string;
}

/** What became of a claim of the paper. */
export type Verdict =
  | 'reproduced'
  | 'same direction'
  | 'deviates'
  | 'inconclusive'
  | 'harness-limited'
  | 'not run';

/** A number of ours with how sure we are of it. */
export interface Estimate {
  readonly value: number;
  /** 95% interval over seeds, or of as much confidence as fewer than six allow; null with fewer than three, unless the value does not depend on the seed. */
  readonly interval: readonly [number, number] | null;
  readonly n: number;
}

/** One line of the table "paper against measured". */
export interface ClaimResult {
  /** Unique in the experiment. */
  readonly id: string;
  /** A few words, for axes and table rows. */
  readonly label: string;
  /** A sentence in plain words. */
  readonly claim: string;
  /** What to know before comparing. */
  readonly caveat: string;
  /** What is compared: charts put the paper's value beside ours by it. */
  readonly quantity: Quantity;
  readonly unit: string;
  readonly paper: number;
  /** Distance from the paper's value that still counts as reproduced. */
  readonly tolerance: number;
  /** The paper gives a bound, not the number itself. */
  readonly bound: 'at-most' | 'at-least' | null;
  /** Where the paper says so, e.g. `Table 4`. */
  readonly where: string;
  readonly ours: Estimate | null;
  readonly clock: ClockKind;
  readonly verdict: Verdict;
  readonly why: string;
}

/** All that a report is drawn from. */
export interface ReportData {
  readonly schemaVersion: 2;
  /** In the order in which they are shown. */
  readonly experiments: readonly ExperimentResult[];
}

/** What became of an experiment. */
export interface ExperimentResult {
  readonly experiment: {
    readonly id: string;
    readonly title: string;
    readonly question: string;
    /** What the paper did, and where. */
    readonly paper: string;
  };
  /** The part of the paper's size that was run, above 0; absent if it is all of it. */
  readonly scale?: number;
  readonly cells: readonly CellResult[];
  readonly claims: readonly ClaimResult[];
  /** Sentences a reader must know before believing the numbers. */
  readonly caveats: readonly string[];
  /** Scenarios that are part of the experiment and were not to be run this time, with the command that runs them. */
  readonly left: readonly { readonly label: string; readonly clock: ClockKind; readonly command: string }[];
}
