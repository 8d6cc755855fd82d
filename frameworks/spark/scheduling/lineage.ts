/**
 * Lineage: of which datasets a dataset is made, and how (NSDI'11 §5.3, HotCloud'10 §3.1). What is lost is made again from it.
 *
 * The scheduler sees this and nothing else of an application. What a step does is opaque to it: the executor knows.
 */
import type { Action, ShuffleWrite, SourceInput, Step } from '../taskData.ts';

/** Number of a dataset, unique in its application. */
export type DatasetId = number;

/** A dataset: how each of its partitions is made. */
export interface LineageNode {
  readonly id: DatasetId;
  readonly partitions: number;
  readonly step: Step;
  readonly dependencies: readonly Dependency[];
  /** Of a source: what each partition is made of. */
  readonly inputs?: readonly SourceInput[];
  /** Of a source: hostnames that hold the input of each partition. */
  readonly hosts?: readonly (readonly string[])[];
  /** Its partitions are to be kept in memory where they are made. */
  isCached: boolean;
}

/** Of what a partition is made. */
export type Dependency =
  /** Of the partition of the same number: in the same task. */
  | { readonly type: 'narrow'; readonly on: LineageNode }
  /** Of all partitions, sorted by key: here stages are cut. */
  | { readonly type: 'shuffle'; readonly shuffle: Shuffle };

/** All partitions of a dataset, each written as so many parts by the hash of the key. */
export interface Shuffle {
  readonly id: number;
  readonly on: LineageNode;
  /** Parts; one for each partition of what reads it. */
  readonly parts: number;
  readonly write: ShuffleWrite;
}

/** An action on some partitions of a dataset. */
export interface JobSpec {
  readonly id: string;
  readonly kind: string;
  readonly node: LineageNode;
  /** Which partitions; others are not made. */
  readonly partitions: readonly number[];
  readonly action: Action;
}

/** The datasets that are made in the same task as this one, itself first: all that narrow dependencies lead to, unless `stops`. */
export function pipelined(
  node: LineageNode,
  stops: (node: LineageNode) => boolean = () => false,
): readonly LineageNode[] {
  const found = new Set<LineageNode>();
  const stack = [node];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    if (stops(next)) continue;
    for (const dependency of next.dependencies) if (dependency.type === 'narrow') stack.push(dependency.on);
  }
  return [...found];
}
