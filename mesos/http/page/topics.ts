/** What the page asks of its worker, and what it is told: the page draws, the worker listens, knows, filters and sorts. */
import type { Millis } from './clock.ts';
import type { Wanted } from './model/arrange.ts';
import type { FrameworkFacts, FrameworkState, SlaveState } from './model/model.ts';
import type { Quantities } from './model/quantities.ts';
import type { FrameworkRow, Rows, SlaveRow, TableName } from './model/rows.ts';
import type { TaskState } from './model/taskStates.ts';

/** How the page is connected to its master. */
export type Link =
  | { readonly is: 'connecting' }
  /** The state of the cluster is on its way. */
  | { readonly is: 'loading'; readonly bytes: number; readonly ofBytes: number }
  | { readonly is: 'live' }
  /** What is shown is as old as `sinceMs`, if anything is. */
  | {
      readonly is: 'lost';
      readonly why: string;
      readonly sinceMs: Millis | undefined;
      readonly retryMs: Millis;
    }
  /** The master does not lead, and another one does. */
  | { readonly is: 'standby' }
  /** It wants to know who asks. `isWrong`: what was given did not do. */
  | { readonly is: 'locked'; readonly isWrong: boolean; readonly schemes: readonly string[] };

/** What a master tells of itself. */
export interface MasterFacts {
  readonly id: string;
  readonly address: string;
  readonly version: string;
  readonly startedMs: Millis | undefined;
  readonly electedMs: Millis | undefined;
}

/** A resource of the whole cluster. */
export interface ResourceSum {
  readonly name: string;
  readonly total: number;
  readonly used: number;
  /** Undefined: not known yet. */
  readonly offered: number | undefined;
}

/** The cluster at a glance. */
export interface Summary {
  readonly master: MasterFacts | undefined;
  readonly slaves: Readonly<Partial<Record<SlaveState, number>>>;
  /** Slaves that the master does not reach and that may come back; undefined: not known yet. */
  readonly unreachable: number | undefined;
  readonly frameworks: Readonly<Partial<Record<FrameworkState, number>>>;
  readonly tasks: Readonly<Partial<Record<TaskState, number>>>;
  /** Tasks that ended, by state, since this master leads; undefined: not known yet. */
  readonly endedTasks: Readonly<Partial<Record<TaskState, number>>> | undefined;
  readonly resources: readonly ResourceSum[];
  readonly offers: { readonly count: number; readonly oldestMs: Millis | undefined } | undefined;
  /** Those with the largest shares. */
  readonly top: readonly FrameworkRow[];
}

/** Rows of a table that were asked for. */
export interface TableWindow<T extends TableName = TableName> {
  /** How many there are, filtered. */
  readonly count: number;
  /** Before filtering. */
  readonly outOf: number;
  readonly kinds: Readonly<Record<string, number>>;
  readonly from: number;
  readonly rows: readonly Rows[T][];
  /** The rows are not there yet: the list is asked for now and then. */
  readonly isWaiting: boolean;
  readonly trouble: string | undefined;
}

/** A framework, in full. */
export interface FrameworkView {
  readonly row: FrameworkRow;
  readonly facts: FrameworkFacts;
  readonly counts: Readonly<Partial<Record<TaskState, number>>>;
  readonly total: Quantities;
}

/** A slave, in full. */
export interface SlaveView {
  readonly row: SlaveRow | undefined;
  /** What it was called, if it has left. */
  readonly departed: string | undefined;
}

/** A role. */
export interface RoleView {
  readonly name: string;
  readonly weight: number;
  readonly frameworks: readonly { readonly id: string; readonly name: string }[];
  readonly used: Quantities;
  readonly offered: Quantities;
  readonly guarantee: Quantities;
  readonly limit: Quantities;
  /** Dominant share, offers included; fairness compares it divided by the weight. */
  readonly share: number;
  readonly shareOf: string;
}

/** Why a framework gets no offers, in numbers of slaves. */
export interface WhyNotSummary {
  readonly slaves: number;
  readonly reasons: readonly {
    readonly why: string;
    readonly slaves: number;
    readonly untilMs: Millis | undefined;
  }[];
  readonly trouble: string | undefined;
}

/** Shares over time, of the frameworks that had the largest. */
export interface ShareHistory {
  readonly frameworks: readonly { readonly id: string; readonly name: string; readonly colour: number }[];
  /** In the order of the frameworks; null: it was not there. */
  readonly samples: readonly { readonly atMs: Millis; readonly shares: readonly (number | null)[] }[];
}

/** What can be asked for and what is told then, until it is not asked for any more. */
export interface Topics {
  readonly link: { readonly ask: object; readonly tell: Link };
  readonly summary: { readonly ask: object; readonly tell: Summary };
  readonly table: {
    readonly ask: {
      readonly table: TableName;
      readonly wanted: Wanted;
      readonly frameworkId?: string;
      readonly slaveId?: string;
      readonly role?: string;
      readonly from: number;
      readonly to: number;
    };
    readonly tell: TableWindow;
  };
  /** Null: there is no such framework. */
  readonly framework: { readonly ask: { readonly id: string }; readonly tell: FrameworkView | null };
  readonly slave: { readonly ask: { readonly id: string }; readonly tell: SlaveView };
  readonly roles: {
    readonly ask: object;
    readonly tell: { readonly roles: readonly RoleView[] | undefined; readonly trouble: string | undefined };
  };
  readonly whyNot: { readonly ask: { readonly id: string }; readonly tell: WhyNotSummary | undefined };
  readonly shares: { readonly ask: object; readonly tell: ShareHistory };
}

/** The name of a topic. */
export type TopicName = keyof Topics;

/** A topic with what is asked. */
export type Ask = { readonly [T in TopicName]: { readonly is: T } & Topics[T]['ask'] }[TopicName];

/** To the worker. */
export type Order =
  | { readonly do: 'connect'; readonly authorization: string | undefined }
  | { readonly do: 'show'; readonly isVisible: boolean }
  | { readonly do: 'watch'; readonly watch: number; readonly ask: Ask }
  | { readonly do: 'unwatch'; readonly watch: number };

/** From the worker: the value of what is watched. */
export interface Told {
  readonly watch: number;
  readonly value: unknown;
}
