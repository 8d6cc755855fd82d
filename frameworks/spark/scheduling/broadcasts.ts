/** Broadcast values: what each executor has been told, so that each gets a value once (HotCloud'10 §3.2). */
import type { SlaveId } from '../../../mesos/protocol/entities.ts';
import type { BroadcastAt } from '../taskData.ts';

/** How a value reaches executors. */
export type BroadcastSource = Exclude<BroadcastAt['from'], { readonly type: 'known' }>;

/** The broadcasts of an application. */
export class Broadcasts {
  readonly #sources = new Map<number, BroadcastSource>();
  readonly #told = new Map<SlaveId, Set<number>>();

  add(id: number, source: BroadcastSource): void {
    this.#sources.set(id, source);
  }

  /** Nobody will ask for it any more. Returns the slaves whose executors have it. */
  forget(id: number): readonly SlaveId[] {
    this.#sources.delete(id);
    return [...this.#told].filter(([, ids]) => ids.delete(id)).map(([slaveId]) => slaveId);
  }

  /** The executor is gone, or lacks one of these: it is told anew. */
  dropSlave(slaveId: SlaveId, ids?: readonly number[]): void {
    if (ids === undefined) this.#told.delete(slaveId);
    else for (const id of ids) this.#told.get(slaveId)?.delete(id);
  }

  /** What a task on a slave is told of the values that it needs; from then on the executor has them. */
  tell(slaveId: SlaveId, ids: readonly number[]): readonly BroadcastAt[] {
    const told = this.#told.get(slaveId) ?? new Set<number>();
    this.#told.set(slaveId, told);
    return ids.flatMap((id): BroadcastAt[] => {
      const source = this.#sources.get(id);
      if (told.has(id)) return [{ id, from: { type: 'known' } }];
      if (source === undefined) return [];
      told.add(id);
      return [{ id, from: source }];
    });
  }
}
