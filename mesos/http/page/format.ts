/** Numbers, times and quantities as the page shows them. */
import type { Millis } from './clock.ts';
import type { Quantities } from './model/quantities.ts';

const WHOLE = new Intl.NumberFormat('en');
const FINE = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const ROUGH = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** A count: 12,345. */
export const count = (value: number): string => WHOLE.format(value);

/** A count of things: `1 slave`, `2 slaves`. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

/** A part of a whole, as percent. */
export function percent(part: number): string {
  const value = part * 100;
  if (value > 0 && value < 0.1) return '<0.1%';
  return `${value < 10 ? (Math.round(value * 10) / 10).toFixed(1) : Math.round(value)}%`;
}

const MIB = ['MiB', 'GiB', 'TiB', 'PiB'] as const;

/** A quantity of a resource, with its unit if it has one. Memory and disk are in MiB. */
export function quantity(name: string, value: number): string {
  if (name !== 'mem' && name !== 'disk')
    return Math.abs(value) >= 1000 ? count(Math.round(value)) : FINE.format(value);
  let unit = 0;
  let scaled = value;
  while (Math.abs(scaled) >= 1024 && unit < MIB.length - 1) {
    scaled /= 1024;
    unit++;
  }
  return `${ROUGH.format(scaled)} ${MIB[unit]}`;
}

const TITLES: Readonly<Record<string, string>> = { cpus: 'CPUs', mem: 'Memory', disk: 'Disk', gpus: 'GPUs' };

/** What a resource is called. */
export const resourceTitle = (name: string): string => TITLES[name] ?? name;

/** Several quantities in a line. */
export function quantitiesText(quantities: Quantities): string {
  const parts = Object.entries(quantities)
    .filter(([, value]) => value !== 0)
    .map(([name, value]) =>
      name === 'mem' || name === 'disk'
        ? `${quantity(name, value)} ${name}`
        : `${quantity(name, value)} ${TITLES[name] ?? name}`,
    );
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

/** A span in the two largest units that matter: `3 d 4 h`, `12 s`. */
export function span(ms: Millis): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes < 10 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return hours < 10 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const DAY_MS = 24 * 3600_000;

/** A time: of the day if it is near, else with its date. */
export function time(atMs: Millis | undefined, nowMs: Millis): string {
  if (atMs === undefined) return '–';
  return Math.abs(nowMs - atMs) < DAY_MS / 2 ? CLOCK.format(atMs) : DAY.format(atMs);
}

/** Bytes of a file. */
export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  let unit = 0;
  let scaled = value / 1024;
  while (scaled >= 1024 && unit < 3) {
    scaled /= 1024;
    unit++;
  }
  return `${ROUGH.format(scaled)} ${['KiB', 'MiB', 'GiB', 'TiB'][unit]}`;
}
