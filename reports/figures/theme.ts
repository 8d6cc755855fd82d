/**
 * How charts look. Colours are CSS variables, so that light, dark and print need no redrawing; the page
 * defines them.
 */
import type { Config } from 'vega-lite';

/** Number of colours for frameworks; more frameworks start over. */
const FRAMEWORK_COLOURS = 8;

/** CSS variables that hold the colours of frameworks. */
const FRAMEWORK_VARIABLE = /--of-[a-z0-9-]*/g;

/** Colours by role. */
export const COLOUR = {
  mesos: 'var(--mesos)',
  static: 'var(--static)',
  paper: 'var(--paper-mark)',
  panel: 'var(--panel)',
  shade: 'var(--shade)',
  ink: 'var(--ink)',
  quiet: 'var(--quiet)',
  line: 'var(--line)',
  fault: 'var(--fault)',
} as const;

/**
 * The font of chart text; the same list as in the style sheet, because charts are measured before they are
 * styled.
 */
const FONT =
  'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", ' +
  '"Liberation Sans", Arial, sans-serif';

/** The colour of a framework: the same in every chart of a report, in all experiments and on all clocks. */
export function frameworkColour(name: string): string {
  return `var(--of-${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')})`;
}

/** Gives the frameworks that a text has colours for one of the palette each, in order of first appearance. */
export function frameworkColoursCss(text: string): string {
  const names = [...new Set(text.match(FRAMEWORK_VARIABLE))];
  const colours = names.map((name, index) => `${name}:var(--framework-${(index % FRAMEWORK_COLOURS) + 1})`);
  return `:root{${colours.join(';')}}`;
}

/**
 * Room for the names of an axis, in pixels: so much, and at most a part of a narrow chart, so that there is room for the marks. A name
 * that is longer is cut; it stands whole in the tooltip and in the table.
 */
export function nameRoom(mostPx: number, leastPx: number = mostPx, part = NAMES_PART) {
  const room = (px: number) => ({ expr: roomPx(px, part) });
  const labelFontSize = { expr: `${WIDTH} < ${TINY_PX} ? 10 : ${FONT_PX}` };
  return { labelLimit: room(mostPx), minExtent: room(leastPx), labelFontSize };
}

/** Of a chart, how much its names may take. */
const NAMES_PART = 0.44;

/** A chart of a telephone in the hand, and one of a small one, in pixels. */
const NARROW_PX = 420;
const TINY_PX = 300;

const FONT_PX = 11.5;

/** Width of a letter, in pixels, of wide fonts. */
const LETTER_PX = 6.5;

/** The width of a chart, in pixels. Without a browser it has no container to be measured. */
const WIDTH = '(isFinite(containerSize()[0]) ? containerSize()[0] : 1000)';

const roomPx = (mostPx: number, part: number): string => `min(${mostPx}, ${part} * ${WIDTH})`;

/**
 * Names of rows break into two lines if they do not fit into `mostPx`, or where the chart is so narrow that {@link nameRoom} gives them
 * less: cut at their ends, two of them could read the same.
 */
export function brokenNames(names: readonly string[], mostPx: number, part = NAMES_PART) {
  const breakable = names.filter((name) => name.trim().includes(' '));
  const broken = JSON.stringify(Object.fromEntries(breakable.map((name) => [name, halves(name)])));
  const isLong = `length(datum.label) * ${LETTER_PX} > ${roomPx(mostPx, part)}`;
  return { labelExpr: `(${isLong} ? ${broken} : {})[datum.label] || datum.label`, labelLineHeight: 11 };
}

/** A text broken at the blank that is next to its middle. */
function halves(text: string): readonly [string, string] {
  const middle = text.length / 2;
  const blanks = [...text.matchAll(/ /g)].map(({ index }) => index);
  const at = blanks.reduce((best, one) => (Math.abs(one - middle) < Math.abs(best - middle) ? one : best));
  return [text.slice(0, at), text.slice(at + 1)];
}

/** The title of an axis, which says so if its steps are factors: `job time (s, log)`. */
export function scaleTitle(title: string, scale: string): string {
  if (scale !== 'log' || title === '') return title;
  return title.endsWith(')') ? `${title.slice(0, -1)}, log)` : `${title} (log)`;
}

/** Of a chart in pixels: room at the right for numbers that stand beside the longest bars. */
export const BESIDE_BARS = { left: 5, top: 5, right: 24, bottom: 5 } as const;

/** Common to all charts. */
export const CONFIG: Config = {
  font: FONT,
  background: 'transparent',
  aria: false,
  autosize: { type: 'fit-x', contains: 'padding' },
  view: { stroke: null },
  axis: {
    domainColor: COLOUR.line,
    gridColor: COLOUR.line,
    tickColor: COLOUR.line,
    labelColor: COLOUR.quiet,
    titleColor: COLOUR.quiet,
    labelFontSize: FONT_PX,
    titleFontSize: FONT_PX,
    titleFontWeight: 'normal',
    labelPadding: 5,
    titlePadding: 8,
    gridOpacity: 0.7,
    tickSize: 4,
  },
  axisY: { domain: false, ticks: false },
  axisX: {
    ...{ grid: false, labelOverlap: 'greedy', labelSeparation: 8, labelFlush: true },
    // In the middle below the marks a long title would leave a narrow chart at the right; there is room below the names.
    titleAnchor: { expr: `${WIDTH} < ${NARROW_PX} ? 'end' : 'middle'` },
  },
  text: { color: COLOUR.ink, fontSize: FONT_PX },
};
