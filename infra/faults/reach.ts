/** Whether machines reach each other. */
import { dirname, join } from 'node:path';
import type { Machine } from '../machine.ts';
import type { Shortfall } from './effect.ts';

/** Silence for so long means that nothing comes. */
const SILENCE_MS = 500;

/** Milliseconds of the quickest of some round trips to each of these machines; null where there is none. */
export async function roundTrips(
  from: Machine,
  to: readonly Machine[],
  { times = 1, limitMs = SILENCE_MS } = {},
): Promise<ReadonlyMap<Machine, number | null>> {
  const harness = dirname(from.lab);
  const script = join(harness, '..', 'infra', 'faults', 'knock.ts');
  const addresses = to.map(({ ip }) => ip);
  const said = await from.run(
    join(harness, 'node'),
    ...[script, String(limitMs), String(times), ...addresses],
  );
  const answers = JSON.parse(said) as Readonly<Record<string, number | null>>;
  return new Map(to.map((machine) => [machine, answers[machine.ip] ?? null]));
}

/** A way between machines. */
export interface Way {
  readonly from: Machine;
  readonly to: readonly Machine[];
}

/** Which of these ways are still open. */
export async function stillReached(ways: readonly Way[]): Promise<Shortfall> {
  return first(ways, (from, to, ms) => (ms === null ? undefined : `${from} still reaches ${to}`));
}

/** Which of these ways are closed. */
export async function notReached(ways: readonly Way[]): Promise<Shortfall> {
  return first(ways, (from, to, ms) => (ms === null ? `${from} does not reach ${to}` : undefined));
}

async function first(
  ways: readonly Way[],
  tell: (from: string, to: string, ms: number | null) => Shortfall,
): Promise<Shortfall> {
  const told = await Promise.all(
    ways.map(async ({ from, to }) =>
      [...(await roundTrips(from, to))].map(([other, ms]) => tell(from.name, other.name, ms)),
    ),
  );
  return told.flat().find((short) => short !== undefined);
}
