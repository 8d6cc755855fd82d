/** Values of flags: what people write on a command line, read and checked. */
import { parse, type Resources } from '../../mesos/protocol/resources.ts';
import { usageError } from './exit.ts';

/** Reads a whole number in a range from the command line. */
export function wholeNumber(name: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw usageError(`${name} must be a whole number from ${min} to ${max}, not '${text}'`);
    return value;
  };
}

/** Longest time span on a command line, if no flag allows more: a day. */
const DURATION_MAX = '24hrs';
const UNITS_MS = { ms: 1, secs: 1_000, mins: 60_000, hrs: 3_600_000, days: 86_400_000, weeks: 604_800_000 };

/** Reads a time span as Mesos writes it, e.g. `500ms`, `5secs`, `1mins`; in milliseconds. */
export function duration(name: string, max = DURATION_MAX): (text: string) => number {
  return (text) => {
    const ms = milliseconds(text);
    if (!(ms >= 1 && ms <= milliseconds(max)))
      throw usageError(
        `${name} must be a time such as 500ms, 5secs or 1mins, from 1ms to ${max}, not '${text}'`,
      );
    return ms;
  };
}

function milliseconds(text: string): number {
  const [, value, unit] = /^(\d+(?:\.\d+)?)(ms|secs|mins|hrs|days|weeks)$/.exec(text) ?? [];
  return Number(value) * UNITS_MS[unit as keyof typeof UNITS_MS];
}

/** Reads resources, e.g. `cpus:4;mem:4096`. */
export function resourceList(name: string): (text: string) => Resources {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw usageError(`${name}: ${(error as Error).message}`);
    }
  };
}
