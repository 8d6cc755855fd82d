/** A table with what one looks at it by: a filter, a choice of kinds, an order. All of that stands in the address. */
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useTopic } from '../cluster.ts';
import { count } from '../format.ts';
import { html } from '../html.ts';
import type { Rows, TableName } from '../model/rows.ts';
import { noteQuery } from '../route.ts';
import type { TableWindow } from '../topics.ts';
import type { Column } from './columns.ts';
import { Grid, type Order } from './grid.ts';

/** A choice beside the filter. */
export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** What a table shows. */
export interface DataTableOptions<T extends TableName> {
  readonly table: T;
  /** What the rows are, e.g. `slaves`. */
  readonly things: string;
  readonly label: string;
  readonly columns: readonly Column<Rows[T]>[];
  readonly order: Order;
  /** The choices, given how many there are of each kind; the first is the one at the start. */
  readonly choices?: (kinds: Readonly<Record<string, number>>) => readonly Choice[];
  readonly href?: (row: Rows[T]) => string | undefined;
  readonly frameworkId?: string;
  readonly slaveId?: string;
  readonly query: URLSearchParams;
  readonly empty: string;
  readonly hint?: string;
}

const FIRST_ROWS = 100;

/** Draws a table with its tools. */
export function DataTable<T extends TableName>(options: DataTableOptions<T>) {
  const { table, things, label, columns, choices, href, frameworkId, slaveId, query, empty, hint } = options;
  const id = useId();
  const [filter, setFilter] = useState(query.get('q') ?? '');
  const [choice, setChoice] = useState(query.get('show') ?? choices?.({})[0]?.value ?? '');
  const [order, setOrder] = useState<Order>(orderIn(query, columns, options.order));
  const [rows, setRows] = useState({ from: 0, to: FIRST_ROWS });
  const input = useRef<HTMLInputElement>(null);
  const scope = {
    table,
    wanted: { filter, choice, ...order },
    ...(frameworkId !== undefined && { frameworkId }),
    ...(slaveId !== undefined && { slaveId }),
  };
  // The rows stay while one scrolls, types or sorts, until the others are there.
  const shown = useTopic('table', { ...scope, ...rows }, JSON.stringify([table, frameworkId, slaveId])) as
    | TableWindow<T>
    | undefined;
  useEffect(() => {
    const noted = new URLSearchParams();
    if (filter !== '') noted.set('q', filter);
    if (choice !== (choices?.({})[0]?.value ?? '')) noted.set('show', choice);
    if (order.sort !== options.order.sort || order.descending !== options.order.descending) {
      noted.set('sort', order.sort);
      noted.set('down', `${order.descending}`);
    }
    noteQuery(noted);
  }, [filter, choice, order]);
  const toTop = (): void => document.getElementById(id)?.scrollTo({ top: 0 });
  const sortBy = ({ key, largestFirst = false }: Column<Rows[T]>): void => {
    setOrder({ sort: key, descending: key === order.sort ? !order.descending : largestFirst });
    toTop();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'Enter') {
      event.preventDefault();
      document.getElementById(id)?.focus();
    }
    if (event.key === 'Escape') setFilter('');
  };
  const isPart = shown !== undefined && shown.count !== shown.outOf;
  return html`<section class="data" aria-label=${label}>
    <div class="tools" role="search">
      <input type="search" class="filter" ref=${input} data-filter value=${filter} autocomplete="off" spellcheck=${false}
        placeholder=${`Filter ${things}`} aria-label=${`Filter ${things}`} aria-controls=${id} aria-keyshortcuts="/"
        onInput=${(event: InputEvent) => {
          setFilter((event.currentTarget as HTMLInputElement).value);
          toTop();
        }} onKeyDown=${onKeyDown} />
      ${
        choices !== undefined &&
        html`<select class="choice" aria-label=${`Which ${things}`} value=${choice}
          onChange=${(event: Event) => {
            setChoice((event.currentTarget as HTMLSelectElement).value);
            toTop();
          }}>
          ${choices(shown?.kinds ?? {}).map(
            ({ value, label: name }) =>
              html`<option key=${value} value=${value} selected=${value === choice}>${name}</option>`,
          )}
        </select>`
      }
      <p class="tally" role="status">${
        shown === undefined
          ? '…'
          : html`<b>${count(shown.count)}</b>${isPart && ` of ${count(shown.outOf)}`} ${shown.count === 1 && !isPart ? things.slice(0, -1) : things}`
      }</p>
      ${hint !== undefined && html`<p class="hint">${hint}</p>`}
    </div>
    <${Grid} id=${id} label=${label} columns=${columns} shown=${shown} order=${order} sortBy=${sortBy} href=${href}
      want=${(from: number, to: number) => setRows({ from, to })} empty=${empty} />
  </section>`;
}

function orderIn(query: URLSearchParams, columns: readonly { key: string }[], otherwise: Order): Order {
  const sort = query.get('sort');
  if (sort === null || !columns.some(({ key }) => key === sort)) return otherwise;
  return { sort, descending: query.get('down') === 'true' };
}
