/** Broadcast values and accumulators: what a task function may be given beside its value (HotCloud'10 §3.2). */
import type { Argument } from '../taskData.ts';

/** A value that every executor gets once. */
export interface Broadcast<T> {
  readonly value: T;
}

/** A number to which tasks add, and which the driver program reads. */
export interface Accumulator {
  add(amount: number): void;
}

/** A broadcast value, for the driver program. */
export interface DriverBroadcast<T> extends Broadcast<T> {
  /** No dataset that is still to be computed needs it: executors let go of it. */
  destroy(): void;
}

/** An accumulator, for the driver program. */
export interface DriverAccumulator extends Accumulator {
  /**
   * What finished tasks have added: each task of an action once, however often it was tried. What is added while a dataset is
   * made counts each time the dataset is made.
   */
  readonly value: number;
}

const handles = new WeakMap<object, Argument>();

/** Marks a handle, so that {@link argumentOf} knows it. */
export function markHandle<H extends object>(handle: H, argument: Argument): H {
  handles.set(handle, argument);
  return handle;
}

/** The argument that stands for a handle; undefined if it is none. */
export function handleArgument(value: unknown): Argument | undefined {
  return typeof value === 'object' && value !== null ? handles.get(value) : undefined;
}
