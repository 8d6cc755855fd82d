/** Which rows of a long table are in sight. */
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualizerOptions,
} from '@tanstack/virtual-core';
import { useLayoutEffect, useReducer, useState } from 'preact/hooks';

/** What is asked of it. */
export interface VirtualRowsOptions {
  readonly count: number;
  readonly rowPx: number;
  /** What stands above the rows and scrolls with them, but sticks. */
  readonly headPx: number;
  readonly scroller: () => HTMLElement | null;
  /** A row that is drawn even if it is out of sight: the keyboard is on it. */
  readonly pinned: number | undefined;
}

const OVERSCAN = 10;

/** Watches an element scroll. */
export function useVirtualRows(options: VirtualRowsOptions): Virtualizer<HTMLElement, HTMLElement> {
  const { count, rowPx, headPx, scroller, pinned } = options;
  const [, redraw] = useReducer((times: number) => times + 1, 0);
  const all: VirtualizerOptions<HTMLElement, HTMLElement> = {
    count,
    getScrollElement: scroller,
    estimateSize: () => rowPx,
    overscan: OVERSCAN,
    scrollPaddingStart: headPx,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: () => redraw(undefined as never),
    rangeExtractor: ({ startIndex, endIndex, overscan, count: all }) => {
      const rows: number[] = [];
      const first = Math.max(0, startIndex - overscan);
      const last = Math.min(all - 1, endIndex + overscan);
      if (pinned !== undefined && pinned < first) rows.push(pinned);
      for (let row = first; row <= last; row++) rows.push(row);
      if (pinned !== undefined && pinned > last && pinned < all) rows.push(pinned);
      return rows;
    },
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(all));
  virtualizer.setOptions(all);
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  return virtualizer;
}
