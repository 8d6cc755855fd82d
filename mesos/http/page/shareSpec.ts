/** What the chart of shares looks like. Colours are the page's own, so that light and dark need no drawing anew. */
import type { Spec } from 'vega';

const FONT =
  'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif';
/** More than this is a gap: the page slept. */
const GAP_MS = 10_000;

const AXIS = {
  labelColor: 'var(--quiet)',
  labelFont: FONT,
  labelFontSize: 11.5,
  labelPadding: 6,
  domainColor: 'var(--line)',
  tickColor: 'var(--line)',
  gridColor: 'var(--line)',
} as const;

/** The chart. Its signals `from` and `until` say what time it shows, its data `lines` have the shares. */
export const SPEC: Spec = {
  width: 600,
  height: 340,
  padding: { left: 4, right: 12, top: 8, bottom: 4 },
  autosize: { type: 'fit', contains: 'padding' },
  signals: [
    { name: 'from', value: 0 },
    { name: 'until', value: 0 },
  ],
  data: [
    {
      name: 'lines',
      transform: [
        {
          type: 'window',
          groupby: ['id'],
          sort: { field: 'at' },
          ops: ['lag'],
          fields: ['at'],
          as: ['before'],
        },
        {
          type: 'formula',
          as: 'follows',
          expr: `datum.before == null || datum.at - datum.before < ${GAP_MS}`,
        },
      ],
    },
  ],
  scales: [
    {
      name: 'x',
      type: 'time',
      domain: { signal: '[from, until]' },
      range: 'width',
    },
    {
      name: 'y',
      type: 'linear',
      domain: { data: 'lines', field: 'share' },
      domainMin: 0,
      zero: true,
      nice: 4,
      range: 'height',
    },
  ],
  axes: [
    {
      ...AXIS,
      orient: 'bottom',
      scale: 'x',
      format: '%H:%M:%S',
      tickCount: 5,
      labelOverlap: true,
      labelFlush: true,
    },
    {
      ...AXIS,
      orient: 'left',
      scale: 'y',
      format: '.0%',
      tickCount: 4,
      grid: true,
      domain: false,
      ticks: false,
    },
  ],
  marks: [
    {
      type: 'group',
      from: { facet: { name: 'line', data: 'lines', groupby: ['id'] } },
      marks: [
        {
          type: 'line',
          from: { data: 'line' },
          sort: { field: 'datum.at' },
          encode: {
            update: {
              x: { scale: 'x', field: 'at' },
              y: { scale: 'y', field: 'share' },
              defined: { field: 'follows' },
              interpolate: { value: 'step-after' },
              stroke: { signal: "'var(--framework-' + datum.colour + ')'" },
              strokeWidth: { value: 2 },
              strokeJoin: { value: 'round' },
            },
          },
        },
      ],
    },
  ],
};
