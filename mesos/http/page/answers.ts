/** What the worker answers to each thing that the page watches. */
import { type Arranged, arrange, type Look } from './model/arrange.ts';
import {
  frameworkLook,
  frameworkRow,
  type HeldOffers,
  OFFER_LOOK,
  slaveLook,
  slaveRow,
  taskLook,
  taskRow,
  WHY_NOT_LOOK,
} from './model/look.ts';
import { hostnameOf, type Model, type TaskRecord } from './model/model.ts';
import { dominantShare } from './model/quantities.ts';
import type { OfferRow, Rows, TableName, WhyNotRow } from './model/rows.ts';
import type { ShareNotes } from './model/shareHistory.ts';
import { summaryOf } from './model/summary.ts';
import type { Polls } from './polls.ts';
import { reasonText, untilOf } from './reasons.ts';
import type { Ask, FrameworkView, Link, RoleView, SlaveView, TableWindow, WhyNotSummary } from './topics.ts';

/** What answers are made of. */
export interface AnswerOptions {
  readonly model: () => Model;
  readonly link: () => Link;
  readonly sources: Polls;
  readonly notes: ShareNotes;
}

/** A value; the same edition, if there is one, means the same value. */
export interface Answer {
  readonly value: unknown;
  readonly edition?: string;
}

type TableAsk = Ask & { readonly is: 'table' };

/** Records in their order, for as long as nothing changes. */
interface Standing {
  readonly edition: string;
  readonly outOf: number;
  readonly arranged: Arranged<unknown>;
  readonly row: (record: never) => Rows[TableName];
}

/** Answers; `isHurried`: who asks scrolls, and an order that is a moment old will do. */
export type Answerer = (ask: Ask, isHurried?: boolean) => Answer;

/** Makes the function that answers. */
export function answers({ model: current, link, sources, notes }: AnswerOptions): Answerer {
  const standing = new Map<string, Standing>();
  const editions = new Map<object, number>();

  return (ask, isHurried = false) => {
    const model = current();
    if (ask.is === 'link') return { value: link() };
    // Nothing is known before the master has told of everything.
    if (model.revisions.slaves === 0) return { value: undefined, edition: 'nothing' };
    switch (ask.is) {
      case 'summary':
        return { value: summaryOf(model, sources.master.value, sources.metrics.value, sources.offers.value) };
      case 'table':
        return tableWindow(model, ask, isHurried);
      case 'framework':
        return { value: frameworkView(model, ask.id) };
      case 'slave':
        return { value: slaveView(model, ask.id) };
      case 'roles':
        return { value: { roles: rolesView(model), trouble: sources.roles.trouble } };
      case 'whyNot':
        return { value: whyNotSummary(ask.id) };
      case 'shares':
        return { value: notes.history(model) };
      default:
        return ask satisfies never;
    }
  };

  function heldBy(id: string): HeldOffers | undefined {
    const offers = sources.offers.value;
    return offers && (offers.held.get(id) ?? { count: 0, oldestMs: undefined });
  }

  function tableWindow(model: Model, ask: TableAsk, isHurried: boolean): Answer {
    const { table, wanted, frameworkId, slaveId, role, from, to } = ask;
    const poll = pollOf(ask);
    const { slaves, frameworks, tasks } = model.revisions;
    const key = JSON.stringify([table, wanted, frameworkId, slaveId, role]);
    const edition = `${slaves} ${frameworks} ${tasks} ${editionOf(poll?.value)} ${poll?.trouble ?? ''}`;
    let its = standing.get(key);
    if (its === undefined || (its.edition !== edition && !isHurried)) {
      its = { edition, ...arrangedTable(model, ask) };
      standing.delete(key);
      standing.set(key, its);
      // Few tables are looked at together.
      for (const old of standing.keys()) if (standing.size > 4) standing.delete(old);
    }
    const { arranged, row, outOf } = its;
    const value: TableWindow = {
      count: arranged.records.length,
      outOf,
      kinds: arranged.kinds,
      from,
      rows: arranged.records.slice(from, to).map((record) => row(record as never)),
      isWaiting: poll !== undefined && poll.value === undefined && poll.trouble === undefined,
      trouble: poll?.trouble,
    };
    return { value, edition: `${its.edition} ${edition} ${from} ${to}` };
  }

  /** A number for an answer that stays the same while the answer does. */
  function editionOf(value: object | undefined): number {
    if (value === undefined) return 0;
    const known = editions.get(value);
    if (known !== undefined) return known;
    const edition = Math.max(0, ...editions.values()) + 1;
    editions.set(value, edition);
    for (const old of editions.keys()) if (editions.size > 8) editions.delete(old);
    return edition;
  }

  function pollOf({ table, frameworkId = '' }: TableAsk) {
    switch (table) {
      case 'offers':
      case 'frameworks':
        return sources.offers;
      case 'whyNot':
        return sources.whyNot(frameworkId);
      case 'slaves':
      case 'tasks':
        return undefined;
      default:
        return table satisfies never;
    }
  }

  function arrangedTable(model: Model, ask: TableAsk): Omit<Standing, 'edition'> {
    const { table, frameworkId, slaveId, role } = ask;
    const made = <R>(
      all: Iterable<R> & ({ readonly size: number } | { readonly length: number }),
      look: Look<R>,
      row: (record: R) => Rows[TableName],
    ): Omit<Standing, 'edition'> => ({
      outOf: 'size' in all ? all.size : all.length,
      arranged: arrange(all, look, ask.wanted),
      row: row as (record: never) => Rows[TableName],
    });
    switch (table) {
      case 'slaves':
        return made([...model.slaves.values()], slaveLook(model), (slave) => slaveRow(model, slave));
      case 'frameworks': {
        const all = [...model.frameworks.values()].filter(
          ({ facts }) => role === undefined || facts.role === role,
        );
        return made(all, frameworkLook(model, heldBy), (one) => frameworkRow(model, one, heldBy(one.id)));
      }
      case 'tasks':
        return made(tasksOf(model, frameworkId, slaveId), taskLook(model), (task) => taskRow(model, task));
      case 'offers':
        return made(offerRows(model, frameworkId, slaveId), OFFER_LOOK, (row) => row);
      case 'whyNot':
        return made(whyNotRows(model, frameworkId ?? ''), WHY_NOT_LOOK, (row) => row);
      default:
        return table satisfies never;
    }
  }

  function tasksOf(model: Model, frameworkId: string | undefined, slaveId: string | undefined) {
    if (frameworkId !== undefined) return [...(model.frameworks.get(frameworkId)?.tasks.values() ?? [])];
    if (slaveId === undefined) return model.tasks;
    const its: TaskRecord[] = [];
    for (const task of model.tasks) if (task.slaveId === slaveId) its.push(task);
    return its;
  }

  function offerRows(
    model: Model,
    frameworkId: string | undefined,
    slaveId: string | undefined,
  ): readonly OfferRow[] {
    const { offers = [] } = sources.offers.value ?? {};
    return offers
      .filter(
        (offer) =>
          (frameworkId === undefined || offer.frameworkId === frameworkId) &&
          (slaveId === undefined || offer.slaveId === slaveId),
      )
      .map((offer) => ({
        ...offer,
        framework: nameOf(model, offer.frameworkId),
        hostname: hostnameOf(model, offer.slaveId),
      }));
  }

  function whyNotRows(model: Model, frameworkId: string): readonly WhyNotRow[] {
    return (sources.whyNot(frameworkId).value ?? []).map((reason) => ({
      id: reason.slaveId,
      hostname: hostnameOf(model, reason.slaveId),
      why: reason.why,
      reason: reasonText(reason, (id) => nameOf(model, id)),
      untilMs: untilOf(reason),
    }));
  }

  function whyNotSummary(frameworkId: string): WhyNotSummary | undefined {
    const { value, trouble } = sources.whyNot(frameworkId);
    if (value === undefined) return trouble === undefined ? undefined : { slaves: 0, reasons: [], trouble };
    const reasons = new Map<string, { slaves: number; untilMs: number | undefined }>();
    for (const reason of value) {
      const known = reasons.get(reason.why);
      const untilMs = untilOf(reason);
      reasons.set(reason.why, {
        slaves: (known?.slaves ?? 0) + 1,
        untilMs:
          untilMs === undefined || known?.untilMs === undefined
            ? (untilMs ?? known?.untilMs)
            : Math.min(untilMs, known.untilMs),
      });
    }
    return {
      slaves: value.length,
      reasons: Array.from(reasons, ([why, found]) => ({ why, ...found })).toSorted(
        (a, b) => b.slaves - a.slaves,
      ),
      trouble,
    };
  }

  function frameworkView(model: Model, id: string): FrameworkView | null {
    const framework = model.frameworks.get(id);
    if (framework === undefined) return null;
    const { facts, counts } = framework;
    return {
      row: frameworkRow(model, framework, heldBy(id)),
      facts,
      counts: { ...counts },
      total: { ...model.total },
    };
  }

  function slaveView(model: Model, id: string): SlaveView {
    const slave = model.slaves.get(id);
    return { row: slave && slaveRow(model, slave), departed: model.departed.get(id) };
  }

  function rolesView(model: Model): readonly RoleView[] | undefined {
    return sources.roles.value?.map(({ frameworkIds, ...role }) => {
      const held: Record<string, number> = { ...role.used };
      for (const [name, quantity] of Object.entries(role.offered)) held[name] = (held[name] ?? 0) + quantity;
      const { share, of } = dominantShare(held, model.total);
      const frameworks = frameworkIds.map((id) => ({ id, name: nameOf(model, id) }));
      return { ...role, frameworks, share, shareOf: of };
    });
  }

  function nameOf(model: Model, frameworkId: string): string {
    return model.frameworks.get(frameworkId)?.facts.name || frameworkId;
  }
}
