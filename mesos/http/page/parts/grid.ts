/**
 * A table of any length: it draws the rows that are in sight. It is one stop of the keyboard; arrow keys go through its cells, and
 * Enter opens or sorts.
 */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useNow } from '../cluster.ts';
import { type Drawn, html } from '../html.ts';
import type { Rows, TableName } from '../model/rows.ts';
import type { TableWindow } from '../topics.ts';
import { type Column, fitting, tracks } from './columns.ts';
import { useVirtualRows } from './virtualRows.ts';

/** How a table is sorted. */
export interface Order {
  readonly sort: string;
  readonly descending: boolean;
}

/** What a table is given. */
export interface GridOptions<T extends TableName> {
  readonly id: string;
  readonly label: string;
  readonly columns: readonly Column<Rows[T]>[];
  readonly shown: TableWindow<T> | undefined;
  readonly order: Order;
  readonly sortBy: (column: Column<Rows[T]>) => void;
  /** Asks for rows. */
  readonly want: (from: number, to: number) => void;
  /** Where Enter on a row leads, if anywhere. */
  readonly href?: (row: Rows[T]) => string | undefined;
  /** What is said if there is no row. */
  readonly empty: string;
}

const ROW_PX = 34;
/** Rows are asked for so many at a time. */
const CHUNK = 50;
/** The row of the headings, for the keyboard. */
const HEAD = -1;

/** Draws a table. */
export function Grid<T extends TableName>(options: GridOptions<T>) {
  const { id, label, shown, order, sortBy, want, href, empty } = options;
  const scroller = useRef<HTMLDivElement>(null);
  const [widthPx, setWidth] = useState(0);
  const [active, setActive] = useState({ row: 0, column: 0 });
  const nowMs = useNow();
  const columns = fitting(options.columns, widthPx);
  const count = shown?.count ?? 0;
  const row = Math.min(active.row, count - 1);
  const column = Math.min(active.column, columns.length - 1);
  const virtual = useVirtualRows({
    count,
    rowPx: ROW_PX,
    headPx: ROW_PX,
    scroller: () => scroller.current,
    pinned: row >= 0 ? row : undefined,
  });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    setWidth(element.clientWidth);
    const watcher = new ResizeObserver(() => setWidth(element.clientWidth));
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);
  const items = virtual.getVirtualItems();
  const first = virtual.range?.startIndex ?? 0;
  const last = virtual.range?.endIndex ?? CHUNK;
  const from = Math.max(0, Math.floor(first / CHUNK - 1) * CHUNK);
  const to = Math.ceil(last / CHUNK + 1) * CHUNK;
  useEffect(() => want(from, to), [from, to]);

  const cellId = (atRow: number, atColumn: number): string => `${id}-${atRow}-${atColumn}`;
  const move = (toRow: number, toColumn: number): void => {
    const next = Math.max(HEAD, Math.min(count - 1, toRow));
    setActive({ row: next, column: Math.max(0, Math.min(columns.length - 1, toColumn)) });
    if (next >= 0) virtual.scrollToIndex(next, { align: 'auto' });
  };
  const open = (): void => {
    const heading = columns[column];
    if (row === HEAD) {
      if (heading !== undefined && heading.isFixed !== true) sortBy(heading);
      return;
    }
    const link = document.getElementById(cellId(row, column))?.querySelector('a');
    const target = rowAt(shown, row);
    const address = target === undefined ? undefined : href?.(target);
    if (link !== null && link !== undefined) link.click();
    else if (address !== undefined) location.assign(address);
  };
  const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_PX) - 2);
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => move(row + 1, column),
    ArrowUp: () => move(row - 1, column),
    ArrowRight: () => move(row, column + 1),
    ArrowLeft: () => move(row, column - 1),
    PageDown: () => move(row + page, column),
    PageUp: () => move(Math.max(0, row - page), column),
    Home: () => move(0, column),
    End: () => move(count - 1, column),
    Enter: open,
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const act = keys[event.key];
    if (act === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    act();
  };
  const style = { gridTemplateColumns: tracks(columns) };
  return html`<div class="grid" role="grid" tabindex="0" id=${id} ref=${scroller} aria-label=${label}
      aria-rowcount=${count + 1} aria-colcount=${columns.length} onKeyDown=${onKeyDown}
      aria-activedescendant=${columns.length > 0 && (shown !== undefined) ? cellId(row, column) : undefined}>
    <div class="row head" role="row" aria-rowindex="1" style=${style}>
      ${columns.map(
        (one, index) => html`<div key=${one.key} id=${cellId(HEAD, index)} role="columnheader"
          class=${cellClass(one, row === HEAD && index === column)} aria-sort=${sortWord(one, order)}>
          ${
            one.isFixed === true
              ? html`<span class="heading">${one.title}</span>`
              : html`<button type="button" class="heading" tabindex="-1" onClick=${() => sortBy(one)}>${one.title}<span
                  class="arrow" aria-hidden="true">${arrow(one, order)}</span></button>`
          }
        </div>`,
      )}
    </div>
    <div class="rows" role="rowgroup" style=${{ height: `${virtual.getTotalSize()}px` }}>
      ${items.map(({ index, start }) =>
        gridRow({
          record: rowAt(shown, index),
          key: index,
          index,
          style: { ...style, transform: `translateY(${start}px)` },
          columns,
          activeColumn: index === row ? column : undefined,
          nowMs,
          cellId,
          choose: (chosen) => setActive({ row: index, column: chosen }),
        }),
      )}
    </div>
    ${count === 0 && html`<p class="empty">${emptyText(shown, empty)}</p>`}
  </div>`;
}

interface RowOptions<R> {
  readonly record: R | undefined;
  readonly key: number;
  readonly index: number;
  readonly style: Readonly<Record<string, string>>;
  readonly columns: readonly Column<R>[];
  readonly activeColumn: number | undefined;
  readonly nowMs: number;
  readonly cellId: (row: number, column: number) => string;
  readonly choose: (column: number) => void;
}

function gridRow<R>(options: RowOptions<R>): Drawn {
  const { record, key, index, style, columns, activeColumn, nowMs, cellId, choose } = options;
  const isActive = activeColumn !== undefined;
  return html`<div key=${key} class=${`row ${isActive ? 'active' : ''} ${index % 2 === 1 ? 'odd' : ''}`} role="row"
      aria-rowindex=${index + 2} style=${style}>
    ${columns.map(
      (column, at) => html`<div key=${column.key} id=${cellId(index, at)} role="gridcell"
        class=${cellClass(column, at === activeColumn)} onMouseDown=${() => choose(at)}>
        ${record === undefined ? html`<span class="none" aria-label="not here yet">…</span>` : column.cell(record, nowMs)}
      </div>`,
    )}
  </div>`;
}

/** A row, if it has been told. */
function rowAt<T extends TableName>(shown: TableWindow<T> | undefined, index: number): Rows[T] | undefined {
  return shown?.rows[index - shown.from];
}

function cellClass({ isNumber }: { readonly isNumber?: boolean }, isActive: boolean): string {
  return `cell ${isNumber === true ? 'number' : ''} ${isActive ? 'at' : ''}`;
}

function sortWord({ key, isFixed }: { key: string; isFixed?: boolean }, order: Order): string | undefined {
  if (isFixed === true) return undefined;
  if (key !== order.sort) return 'none';
  return order.descending ? 'descending' : 'ascending';
}

function arrow({ key }: { key: string }, order: Order): string {
  if (key !== order.sort) return '';
  return order.descending ? ' ↓' : ' ↑';
}

function emptyText(shown: TableWindow | undefined, empty: string): string {
  if (shown === undefined || shown.isWaiting) return 'Asking the master …';
  if (shown.trouble !== undefined) return `This cannot be shown: ${shown.trouble}`;
  return shown.outOf === 0 ? empty : 'Nothing fits the filter.';
}
