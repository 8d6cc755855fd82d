/** Numbers as a reader sees them. Always the same text for the same number: no locale. */
import type { ClockKind, Estimate, System } from '../harness/result.ts';
import { confidence, isSame, USUAL_CONFIDENCE } from './results/estimate.ts';

/** Joins a number and its unit so that no line breaks between them. */
const NBSP = '\u00a0';

/** Minus sign. */
const MINUS = '\u2212';

/** In place of a number that is not known. */
const UNKNOWN = '?';

/** A number with a fixed count of decimals and commas between thousands: `1,494`; a question mark if it is none. */
export function grouped(value: number, decimals = 0): string {
  if (!Number.isFinite(value)) return UNKNOWN;
  const [whole = '', fraction] = Math.abs(value).toFixed(decimals).split('.');
  const commas = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const text = fraction === undefined ? commas : `${commas}.${fraction}`;
  return value < 0 && /[1-9]/.test(text) ? `${MINUS}${text}` : text;
}

/** A number with all its digits: `12,340.0025`. */
export function exact(value: number): string {
  if (!Number.isFinite(value)) return UNKNOWN;
  const [whole = '', fraction] = String(Math.abs(value)).split('.');
  const commas = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${value < 0 ? MINUS : ''}${commas}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** A number with at least three figures, whatever its unit: `0.0421`, `12.3`, `1,494`. */
export function figures(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 100) return grouped(value);
  if (size < 0.0005) return value.toExponential(2);
  return grouped(value, size >= 1 ? decimalsOf(value) : 2 - Math.floor(Math.log10(size)));
}

/** Seconds with as many decimals as three figures need: `0.42 s`, `12.3 s`, `1,494 s`. */
export function seconds(value: number): string {
  return `${grouped(value, decimalsOf(value))}${NBSP}s`;
}

/** A length of time in the two largest units that apply: `1 h 3 min`, `12 min 5 s`, `8.2 s`. */
export function duration(valueS: number): string {
  if (!(valueS >= 60 && valueS < Number.POSITIVE_INFINITY)) return seconds(valueS);
  const whole = Math.round(valueS);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  if (hours > 0) return `${grouped(hours)}${NBSP}h ${minutes}${NBSP}min`;
  return `${minutes}${NBSP}min ${whole % 60}${NBSP}s`;
}

/** A ratio: `2.10×`. */
export function ratio(value: number): string {
  return `${grouped(value, 2)}×`;
}

/** A fraction as a percentage: `57.3%`. */
export function percent(fraction: number): string {
  return `${grouped(fraction * 100, 1)}%`;
}

/** A difference of two fractions, in percentage points, with its sign: `+11.5 points`. */
export function points(difference: number): string {
  const text = grouped(difference * 100, 1);
  return `${/[1-9]/.test(text) && difference > 0 ? '+' : ''}${text}${NBSP}points`;
}

/** A value in the unit of a claim of the paper. Units that are not known are put after the number. */
export function quantity(value: number, unit: string): string {
  if (unit === '×') return ratio(value);
  if (unit === 's') return seconds(value);
  if (unit === 'points') return points(value / 100);
  if (unit === '%') return percent(value / 100);
  return `${grouped(value, decimalsOf(value))}${NBSP}${unit}`;
}

/**
 * An interval, each end as `show` puts it but without its unit: `[1.10, 1.19]`; empty if there is none. One that is less sure than 95% says
 * so: `[1.10, 1.19; 75% sure]`; where all runs gave the same it says that, and of one run that any would.
 */
export function interval(estimate: Estimate, show: (value: number) => string): string {
  if (isSame(estimate)) return estimate.n === 1 ? '[for any seed]' : '[all the same]';
  const ends = bareInterval(estimate, show);
  const sure = surenessOf(estimate) ?? USUAL_CONFIDENCE;
  return ends === '' || sure >= USUAL_CONFIDENCE ? ends : `${ends.slice(0, -1)}; ${sureness(sure)} sure]`;
}

/** The same without how sure it is, where a heading says that (see {@link intervalName}); empty where all runs gave the same. */
export function bareInterval(estimate: Estimate, show: (value: number) => string): string {
  if (estimate.interval === null || isSame(estimate)) return '';
  const bare = (value: number) => show(value).replace(/\u00a0?[^\d.,]*$/, '');
  return `[${bare(estimate.interval[0])}, ${bare(estimate.interval[1])}]`;
}

/** What intervals of these values are to be called: `95% interval`, or if some have fewer runs than others `75% to 95% interval`. */
export function intervalName(
  values: readonly (Pick<Estimate, 'interval' | 'n'> | null | undefined)[],
): string {
  const sure = values.flatMap((value) => (value == null ? [] : (surenessOf(value) ?? [])));
  if (sure.length === 0) return 'interval';
  const [least, most] = [Math.min(...sure), Math.max(...sure)];
  return `${least === most ? '' : `${sureness(least)} to `}${sureness(most)} interval`;
}

/** How often an interval like this one holds the true value, as a fraction. Null without one, and where all runs gave the same: nothing random was seen. */
export function surenessOf(estimate: Pick<Estimate, 'interval' | 'n'>): number | null {
  return estimate.interval === null || isSame(estimate) ? null : confidence(estimate.n);
}

const sureness = (fraction: number): string => `${exact(Number((100 * fraction).toFixed(1)))}%`;

/** A text in which no line breaks between a number and a short unit behind it: `4 to 8 s`. */
export function unbroken(text: string): string {
  return text.replace(/(\d) (?=(?:s|ms|min|h|T|GB|MB|GiB|points)\b)/g, `$1${NBSP}`);
}

/** A count with its noun: `1 job`, `1,200 jobs`. */
export function count(n: number, noun: string, nouns = `${noun}s`): string {
  return `${grouped(n)}${NBSP}${n === 1 ? noun : nouns}`;
}

/** An enumeration: `a, b and c`. */
export function enumerate(items: readonly string[]): string {
  if (items.length <= 1) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;
}

/** All clocks, in the order in which they are shown. */
export const CLOCKS: readonly ClockKind[] = ['virtual', 'emulated', 'real'];

/** How a clock is called in running text. */
export function clockName(clock: ClockKind): string {
  switch (clock) {
    case 'virtual':
      return 'virtual time';
    case 'emulated':
      return 'emulated slaves';
    case 'real':
      return 'real processes';
    default:
      return clock satisfies never;
  }
}

/** How a system is called in running text. */
export function systemName(system: System): string {
  switch (system) {
    case 'mesos':
      return 'Mesos';
    case 'static':
      return 'static partitions';
    default:
      return system satisfies never;
  }
}

function decimalsOf(value: number): number {
  const size = Math.abs(value);
  if (size === 0 || size >= 100) return 0;
  return size >= 10 ? 1 : 2;
}
