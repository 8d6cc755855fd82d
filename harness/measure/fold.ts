/** One pass over a history: measurements are folds, so that many of them share the pass. */
import type { HistoryEvent, HistoryLine, Stamp } from '../../mesos/protocol/history.ts';

/** A line about one of these events. */
export type LineOf<E extends HistoryEvent['event']> = Stamp & Extract<HistoryEvent, { readonly event: E }>;

/** What a fold does with lines, by their event; and with every line, before that. */
export type Handlers = { readonly [E in HistoryEvent['event']]?: (line: LineOf<E>) => void } & {
  readonly every?: (line: HistoryLine) => void;
};

/** What a fold is made of. */
export interface Folding<R> {
  readonly on?: Handlers;
  /** Folds that it builds on: they get each line before it does. */
  readonly parts?: readonly Fold<unknown>[];
  /** Of the lines so far; may be asked for more than once. */
  readonly result: () => R;
}

/** Something that looks at the lines of a history, in order, and has a result in the end. */
export interface Fold<R> extends Folding<R> {
  readonly observe: (line: HistoryLine) => void;
}

/** Makes a fold. */
export function foldOf<R>(folding: Folding<R>): Fold<R> {
  return { ...folding, observe: observing([folding]) };
}

/**
 * Gives each line to those that are about its event, and to no others. A fold that is a part of several gets it once.
 */
export function observing(folds: readonly Folding<unknown>[]): (line: HistoryLine) => void {
  const all = new Set<Folding<unknown>>();
  const add = (one: Folding<unknown>): void => {
    for (const part of one.parts ?? []) add(part);
    all.add(one);
  };
  const handlers = new Map<string, readonly ((line: never) => void)[]>();
  const handlersOf = (event: HistoryEvent['event']): readonly ((line: never) => void)[] => {
    if (all.size === 0) for (const one of folds) add(one);
    const own = [...all].flatMap(({ on = {} }) => [on.every ?? [], on[event] ?? []].flat());
    handlers.set(event, own);
    return own;
  };
  return (line) => {
    for (const handle of handlers.get(line.event) ?? handlersOf(line.event)) handle(line as never);
  };
}

/** The result of a fold over all lines. */
export function fold<R>(lines: Iterable<HistoryLine>, { observe, result }: Fold<R>): R {
  for (const line of lines) observe(line);
  return result();
}

/** The result of a fold over all lines of a stream. */
export async function foldStream<R>(
  lines: AsyncIterable<HistoryLine>,
  { observe, result }: Fold<R>,
): Promise<R> {
  for await (const line of lines) observe(line);
  return result();
}
