/** All that the page asks for beside the stream: offers, roles, metrics, reasons. */

import { askMaster } from './ask.ts';
import type { Millis } from './clock.ts';
import { list, number, object, text } from './json.ts';
import type { HeldOffers } from './model/look.ts';
import type { Quantities } from './model/quantities.ts';
import { type Poll, poll } from './poll.ts';
import type { Ask, MasterFacts } from './topics.ts';

/** An offer as the master tells of it. */
export interface PolledOffer {
  readonly id: string;
  readonly frameworkId: string;
  readonly slaveId: string;
  readonly resources: Quantities;
  readonly madeMs: Millis;
}

/** Offers, and who holds them. */
export interface PolledOffers {
  readonly offers: readonly PolledOffer[];
  readonly held: ReadonlyMap<string, HeldOffers>;
  readonly resources: Quantities;
}

/** A role as the master tells of it. */
export interface PolledRole {
  readonly name: string;
  readonly weight: number;
  readonly frameworkIds: readonly string[];
  readonly used: Quantities;
  readonly offered: Quantities;
  readonly guarantee: Quantities;
  readonly limit: Quantities;
}

/** Why a framework is not offered a slave. */
export interface PolledReason {
  readonly slaveId: string;
  readonly why: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What is asked for now and then. */
export interface Polls {
  readonly offers: Poll<PolledOffers>;
  readonly roles: Poll<readonly PolledRole[]>;
  readonly metrics: Poll<Readonly<Record<string, number>>>;
  readonly master: Poll<MasterFacts>;
  /** Of the framework that was asked about last. */
  whyNot(frameworkId: string): Poll<readonly PolledReason[]>;
  /** Asks for what these watch. */
  wake(asks: readonly Ask[]): void;
  /** Forgets all answers. */
  forget(): void;
  authorize(authorization: string | undefined): void;
}

/** How often offers are asked for where they are all that one looks at. */
const QUICK_MS = 2000;
/** How often the rest is. */
const CALM_MS = 4000;
const SELDOM_MS = 60_000;

/** Makes them. `changed`: there is another answer. */
export function polls(changed: () => void): Polls {
  let authorization: string | undefined;
  const get = (path: string): Promise<unknown> => askMaster(authorization, path);
  const call = (type: string): Promise<unknown> => askMaster(authorization, '/api/v1', { type });
  const offers = poll(async () => readOffers(await get('/offers')), changed);
  const metrics = poll(async () => readNumbers(await get('/metrics/snapshot')), changed);
  const roles = poll(async () => readRoles(await get('/roles'), await call('GET_QUOTA')), changed);
  const master = poll(async () => readMaster(await call('GET_MASTER'), await get('/version')), changed);
  let asked: { readonly id: string; readonly poll: Poll<readonly PolledReason[]> } | undefined;
  const whyNot = (id: string): Poll<readonly PolledReason[]> => {
    if (asked?.id !== id) {
      const path = `/why-no-offers?framework_id=${encodeURIComponent(id)}`;
      asked = { id, poll: poll(async () => readReasons(await get(path)), changed) };
    }
    return asked.poll;
  };
  return {
    offers,
    roles,
    metrics,
    master,
    whyNot,
    wake(asks) {
      master.wake(SELDOM_MS);
      for (const ask of asks) for (const [source, periodMs] of needed(ask)) source.wake(periodMs);
    },
    forget() {
      for (const source of [offers, metrics, roles, master]) source.forget();
      asked = undefined;
    },
    authorize(given) {
      authorization = given;
    },
  };

  /** What is needed for it, and how often. */
  function needed(ask: Ask): readonly (readonly [Poll<unknown>, Millis])[] {
    switch (ask.is) {
      case 'summary':
        return [
          [offers, CALM_MS],
          [metrics, CALM_MS],
        ];
      case 'framework':
        return [[offers, CALM_MS]];
      case 'roles':
        return [[roles, CALM_MS]];
      case 'whyNot':
        return [[whyNot(ask.id), CALM_MS]];
      case 'table':
        switch (ask.table) {
          case 'offers':
            return [[offers, QUICK_MS]];
          case 'frameworks':
            return [[offers, CALM_MS]];
          case 'whyNot':
            return [[whyNot(ask.frameworkId ?? ''), CALM_MS]];
          case 'slaves':
          case 'tasks':
            return [];
          default:
            return ask.table satisfies never;
        }
      case 'link':
      case 'slave':
      case 'shares':
        return [];
      default:
        return ask satisfies never;
    }
  }
}

/** The entries of an object that are numbers. */
function readNumbers(value: unknown): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(object(value)).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}

/** Quantities by name, whatever role they are reserved for: `cpus(gold)` are CPUs. */
function readQuantities(value: unknown): Quantities {
  const sum: Record<string, number> = {};
  for (const [key, quantity] of Object.entries(readNumbers(value))) {
    const name = key.replace(/\(.*\)$/, '');
    sum[name] = (sum[name] ?? 0) + quantity;
  }
  return sum;
}

function readOffers(value: unknown): PolledOffers {
  const offers = list(object(value).offers).map((offer) => ({
    id: text(offer.id),
    frameworkId: text(offer.framework_id),
    slaveId: text(offer.slave_id),
    resources: readQuantities(offer.resources),
    madeMs: number(offer.made_time) * 1000,
  }));
  const held = new Map<string, { count: number; oldestMs: number }>();
  const resources: Record<string, number> = {};
  for (const offer of offers) {
    const own = held.get(offer.frameworkId) ?? { count: 0, oldestMs: Number.POSITIVE_INFINITY };
    own.count++;
    own.oldestMs = Math.min(own.oldestMs, offer.madeMs);
    held.set(offer.frameworkId, own);
    for (const [name, quantity] of Object.entries(offer.resources))
      resources[name] = (resources[name] ?? 0) + quantity;
  }
  return { offers, held, resources };
}

function readRoles(value: unknown, quotas: unknown): readonly PolledRole[] {
  const status = object(object(object(quotas).get_quota).status);
  const configs = new Map(list(status.configs).map((config) => [text(config.role), config]));
  return list(object(value).roles).map((role) => {
    const name = text(role.name);
    const config = configs.get(name) ?? {};
    const ids = Array.isArray(role.frameworks) ? role.frameworks.map(text) : [];
    const offered = readQuantities(role.offered);
    return {
      name,
      weight: number(role.weight, 1),
      frameworkIds: ids,
      used: readQuantities(role.allocated ?? role.resources),
      offered,
      guarantee: readScalars(config.guarantees),
      limit: readScalars(config.limits),
    };
  });
}

/** Scalars of the v1 API, by name. */
function readScalars(value: unknown): Quantities {
  return Object.fromEntries(
    Object.entries(object(value)).map(([name, scalar]) => [name, number(object(scalar).value)]),
  );
}

function readMaster(answer: unknown, version: unknown): MasterFacts {
  const told = object(object(answer).get_master);
  const info = object(told.master_info);
  const { address = {} } = info;
  const host = text(info.hostname) || text(object(address).hostname);
  return {
    id: text(info.id),
    address: host === '' ? '' : `${host}:${number(info.port, 5050)}`,
    version: text(object(version).version),
    startedMs: msOf(told.start_time),
    electedMs: msOf(told.elected_time),
  };
}

const msOf = (seconds: unknown): Millis | undefined =>
  typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined;

function readReasons(value: unknown): readonly PolledReason[] {
  return list(object(value).slaves).map((slave) => {
    const { slave_id, why, ...details } = slave;
    return { slaveId: text(slave_id), why: text(why), details };
  });
}
