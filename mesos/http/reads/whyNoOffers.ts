/** `/why-no-offers`: for each slave, why a framework is not offered it. Not of Apache Mesos, where nobody can tell. */
import type { Framework, Slave } from '../../master/state.ts';
import { type Endpoint, Refusal } from '../exchange.ts';
import type { Chronicle } from './chronicle.ts';
import { type Archive, ledDocument } from './document.ts';
import { quoted, written } from './jsonText.ts';
import { gathered, writeAll } from './lazily.ts';
import type { Production, Sheet } from './sheet.ts';

/** Items of a list that are shown; a filter may name thousands of slaves. */
const ITEMS_MAX = 10;

/** The endpoint. */
export function whyNoOffers(archive: Archive): Endpoint {
  return ledDocument(archive, (chronicle, { query }) => {
    const framework = chronicle.books.frameworks.get(query.get('framework_id') ?? '');
    if (framework === undefined)
      throw new Refusal(404, "There is no such framework; give the id of one as 'framework_id'");
    const slaveId = query.get('slave_id');
    const slave = slaveId === null ? undefined : chronicle.books.slaves.get(slaveId);
    if (slaveId !== null && slave === undefined)
      throw new Refusal(404, "There is no such slave; give the id of one as 'slave_id', or none for all");
    return production(chronicle, framework, slave);
  });
}

function production(chronicle: Chronicle, framework: Framework, slave: Slave | undefined): Production {
  return function* (sheet) {
    const { slaves } = chronicle.books;
    const counts = new Map<string, number>();
    const chosen = slave === undefined ? [...slaves.values()] : [slave];
    // The numbers come first, and are known last.
    const { pieces } = yield* gathered((list) => writeReasons(list, chronicle, framework, chosen, counts));
    const { id, info, state, isSuppressed } = framework;
    const role = info.role ?? '*';
    const summary = written(Object.fromEntries([...counts].sort(([, a], [, b]) => b - a)));
    sheet.write(
      `{"framework_id":${quoted(id)},"name":${quoted(info.name)},"role":${quoted(role)},"state":"${state.is}","suppressed":${isSuppressed},"summary":${summary},"slaves":[`,
    );
    yield* writeAll(sheet, pieces);
    sheet.write(']}');
  };
}

function* writeReasons(
  sheet: Sheet,
  { books }: Chronicle,
  framework: Framework,
  slaves: readonly Slave[],
  counts: Map<string, number>,
): Generator<void, void> {
  let separator = '';
  for (const slave of slaves) {
    const reason = reasonOf(slave, framework, () =>
      books.allocation.whyNot(framework.id, slave.id, books.context.now()),
    );
    if (reason === undefined) continue;
    const { why, ...more } = reason;
    counts.set(why, (counts.get(why) ?? 0) + 1);
    const told = { slave_id: slave.id, hostname: slave.info.hostname, why, ...(shown(more) as object) };
    sheet.write(separator + written(told));
    separator = ',';
    if (sheet.isFull) yield;
  }
}

/** Undefined: the slave or the framework is gone. */
function reasonOf<R extends { readonly why: string }>(
  { offers }: Slave,
  framework: Framework,
  whyNot: () => R | undefined,
): R | { readonly why: string; readonly offerIds: readonly string[] } | undefined {
  const own = [...offers.values()].filter((offer) => offer.framework === framework).map(({ id }) => id);
  return own.length > 0 ? { why: 'offered', offerIds: own } : whyNot();
}

/** Any reason as the page tells it: `untilMs` is `until`, in seconds; long lists are cut. */
function shown(value: unknown): unknown {
  if (value === Number.POSITIVE_INFINITY) return 'Infinity';
  if (Array.isArray(value)) {
    const items = value.slice(0, ITEMS_MAX).map(shown);
    return value.length > ITEMS_MAX ? [...items, `and ${value.length - ITEMS_MAX} more`] : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const inSeconds = key.endsWith('Ms') && typeof item === 'number';
      const name = (inSeconds ? key.slice(0, -'Ms'.length) : key).replace(
        /[A-Z]/g,
        (letter) => `_${letter.toLowerCase()}`,
      );
      return [name, shown(inSeconds ? item / 1000 : item)];
    }),
  );
}
