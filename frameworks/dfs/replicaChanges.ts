/** What a data node has of a store, and what of that its namenode has not been told yet. */
import type { FileBlock } from './edits.ts';

/** What is to be told. */
export interface Changes {
  readonly added: readonly FileBlock[];
  readonly removed: readonly string[];
  readonly damaged: readonly string[];
}

/** The replicas of a data node. */
export class ReplicaChanges {
  readonly #held = new Map<string, FileBlock>();
  /** By id; what happened last. */
  readonly #untold = new Map<string, 'added' | 'removed' | 'damaged'>();
  readonly #damaged = new Set<string>();

  /** Ids of all. */
  ids(): readonly string[] {
    return [...this.#held.keys()];
  }

  /** A replica is there, written anew. */
  stored(replica: FileBlock): void {
    this.#held.set(replica.id, replica);
    this.#damaged.delete(replica.id);
    this.#untold.set(replica.id, 'added');
  }

  /** A replica was found on the disk. */
  found(replica: FileBlock): void {
    const known = this.#held.get(replica.id);
    if (known?.bytes === replica.bytes && known.crc32 === replica.crc32) return;
    this.stored(replica);
  }

  /** A replica is not there any more. */
  removed(id: string): void {
    this.#damaged.delete(id);
    if (this.#held.delete(id)) this.#untold.set(id, 'removed');
  }

  /** A replica has not the bytes that it was stored with. */
  damaged(id: string): void {
    if (!this.#held.has(id)) return;
    this.#damaged.add(id);
    this.#untold.set(id, 'damaged');
  }

  /** All of a store. What is damaged is still to be told; nothing else is. */
  all(store: string): readonly FileBlock[] {
    this.#untold.clear();
    for (const id of this.#damaged) this.#untold.set(id, 'damaged');
    return [...this.#held.values()].filter(({ id }) => id.startsWith(`${store}-`));
  }

  /** What has not been told yet of a store; it counts as told. */
  take(store: string): Changes {
    const own = [...this.#untold].filter(([id]) => id.startsWith(`${store}-`));
    this.#untold.clear();
    const ids = (what: string): string[] => own.flatMap(([id, happened]) => (happened === what ? [id] : []));
    const added = ids('added').map((id) => this.#held.get(id) as FileBlock);
    return { added, removed: ids('removed'), damaged: ids('damaged') };
  }

  /** It was not told after all. */
  giveBack({ added, removed, damaged }: Changes): void {
    const older = [
      ...added.map(({ id }) => [id, 'added'] as const),
      ...removed.map((id) => [id, 'removed'] as const),
      ...damaged.map((id) => [id, 'damaged'] as const),
    ];
    for (const [id, happened] of older) if (!this.#untold.has(id)) this.#untold.set(id, happened);
  }
}
