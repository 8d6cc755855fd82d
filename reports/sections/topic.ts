/** A part of an experiment's section: what it asks, shows and finds. */
import type { ExperimentResult } from '../../harness/result.ts';
import type { Figure } from '../figures/figure.ts';
import type { Html } from '../page/html.ts';

/** Question, figures, finding, caveat: in this order they are shown. */
export interface Topic {
  /** Unique in the experiment: its end of the anchor. */
  readonly id: string;
  readonly title: string;
  readonly question: string;
  /** Ids of figures and names of datasets are unique in the experiment; equal names mean the same data. */
  readonly figures: readonly Figure[];
  /** What the data say, in one sentence or two, computed. */
  readonly finding: string;
  /** What a reader must know before believing it. Empty if there is nothing. */
  readonly caveat: string;
  readonly tables: readonly Html[];
  /** The commands that make the figures again; default the one that makes all of the experiment’s runs. */
  readonly again?: readonly string[];
}

/** What an experiment's section shows. It says itself what is missing: a partial result is no error. */
export type Section = (result: ExperimentResult) => readonly Topic[];
