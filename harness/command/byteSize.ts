/** Sizes in bytes, as people write and read them. */
import { usageError } from './exit.ts';

const UNITS = { '': 1, B: 1, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** Reads a size from the command line, e.g. `64MiB`. */
export function byteSize(name: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const [, number, unit] = /^(\d+(?:\.\d+)?)(|B|[KMG]i?B)$/.exec(text) ?? [];
    const bytes = Number(number) * UNITS[unit as keyof typeof UNITS];
    if (Number.isSafeInteger(bytes) && bytes >= min && bytes <= max) return bytes;
    throw usageError(
      `${name} must be a size such as 64MiB, from ${formatBytes(min)} to ${formatBytes(max)}, not '${text}'`,
    );
  };
}

/** A size in three digits, e.g. `1.25 GiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit += 1) value /= 1024;
  return `${unit === 0 ? value : value.toPrecision(value >= 1000 ? 4 : 3)} ${units[unit]}`;
}
