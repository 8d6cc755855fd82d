/** What is measured on runs, as data: what a claim of the paper is about. */

/** A quantity, by what it takes to measure it. */
export type Quantity =
  /** Sum of the framework's job times on the static partition, divided by the sum on Mesos. */
  | { readonly of: 'framework-speed-up'; readonly framework: string }
  /** Mean over the jobs of one kind of static job time divided by Mesos job time. */
  | {
      readonly of: 'job-speed-up';
      readonly framework: string;
      readonly kind: string;
      /** Maps and reduces, or ranks, of one such job: tells two kinds with the same name apart. */
      readonly tasks: number;
    }
  /** Mean utilisation on Mesos minus mean utilisation on static partitions, both over the first `windowS` seconds. */
  | { readonly of: 'utilisation-gain'; readonly resource: 'cpus' | 'mem'; readonly windowS: number }
  /** Mean time from the submission of a job until it runs, on Mesos. */
  | { readonly of: 'ramp-up'; readonly framework: string }
  /** A value that a scenario measured, by its name. */
  | { readonly of: 'value'; readonly scenario: string; readonly value: string }
  /** What a scenario measured several times within each cell, by its name: each time counts as a run of its own. */
  | { readonly of: 'samples'; readonly scenario: string; readonly samples: string }
  /** A value of one scenario divided by that of another with the same seed; `value` and `overValue` may differ in name. */
  | {
      readonly of: 'ratio';
      readonly scenario: string;
      readonly over: string;
      readonly value: string;
      readonly overValue?: string;
    }
  /** A value of one scenario minus that of another with the same seed. */
  | { readonly of: 'difference'; readonly scenario: string; readonly minus: string; readonly value: string };
