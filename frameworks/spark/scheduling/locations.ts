/** Where partitions are: in the memory of executors, and as map outputs on the disks of nodes. */
import type { SlaveId } from '../../../mesos/protocol/entities.ts';
import type { CacheChanges } from '../taskData.ts';
import type { DatasetId, LineageNode, Shuffle } from './lineage.ts';

/** Which partitions are in the memory of which executors, as these tell. */
export class CacheLocations {
  /** By dataset and partition: by slave, how many bytes. */
  readonly #held = new Map<DatasetId, Map<number, Map<SlaveId, number>>>();

  /** What an executor tells with the end of a task. */
  change(slaveId: SlaveId, { added, dropped }: CacheChanges): void {
    for (const { dataset, partition } of dropped) this.drop(slaveId, dataset, partition);
    for (const { dataset, partition, bytes } of added) {
      let partitions = this.#held.get(dataset);
      if (partitions === undefined) {
        partitions = new Map();
        this.#held.set(dataset, partitions);
      }
      const slaves = partitions.get(partition) ?? new Map<SlaveId, number>();
      partitions.set(partition, slaves.set(slaveId, bytes));
    }
  }

  drop(slaveId: SlaveId, dataset: DatasetId, partition: number): void {
    const partitions = this.#held.get(dataset);
    const slaves = partitions?.get(partition);
    slaves?.delete(slaveId);
    if (slaves?.size === 0) partitions?.delete(partition);
    if (partitions?.size === 0) this.#held.delete(dataset);
  }

  /** Its executor is gone. */
  dropSlave(slaveId: SlaveId): void {
    for (const [dataset, partitions] of this.#held)
      for (const partition of partitions.keys()) this.drop(slaveId, dataset, partition);
  }

  /** The dataset is not to be kept any more. Returns on which slaves it was. */
  dropDataset(dataset: DatasetId): readonly SlaveId[] {
    const slaves = new Set<SlaveId>();
    for (const holders of this.#held.get(dataset)?.values() ?? [])
      for (const slaveId of holders.keys()) slaves.add(slaveId);
    this.#held.delete(dataset);
    return [...slaves];
  }

  /** The slaves whose executors hold the partition. */
  of(dataset: DatasetId, partition: number): readonly SlaveId[] {
    const slaves = this.#held.get(dataset)?.get(partition);
    return slaves === undefined ? [] : [...slaves.keys()];
  }

  /** How many of its partitions are in memory somewhere. */
  count(dataset: DatasetId): number {
    return this.#held.get(dataset)?.size ?? 0;
  }

  /** Are all of its partitions in memory somewhere, so that nothing that it is made of is needed? */
  isComplete({ id, isCached, partitions }: LineageNode): boolean {
    return isCached && this.count(id) === partitions;
  }
}

/** The map outputs of a shuffle. They are on disk, served by the file server of their node, and outlive executors. */
export class MapOutputs {
  readonly shuffle: Shuffle;
  readonly #hosts: (string | undefined)[];
  #missing: number;

  constructor(shuffle: Shuffle) {
    this.shuffle = shuffle;
    this.#missing = shuffle.on.partitions;
    this.#hosts = new Array<string | undefined>(this.#missing).fill(undefined);
  }

  get isComplete(): boolean {
    return this.#missing === 0;
  }

  /** The host that holds the output of a map; undefined if none does. */
  at(map: number): string | undefined {
    return this.#hosts[map];
  }

  hosts(): readonly (string | undefined)[] {
    return this.#hosts;
  }

  add(map: number, host: string): void {
    if (this.#hosts[map] === undefined) this.#missing--;
    this.#hosts[map] = host;
  }

  /** The output is gone. */
  drop(map: number): void {
    if (this.#hosts[map] !== undefined) this.#missing++;
    this.#hosts[map] = undefined;
  }

  /** A host is gone. Returns which maps have to run again. */
  dropHost(host: string): readonly number[] {
    const lost = this.#hosts.flatMap((at, map) => (at === host ? [map] : []));
    for (const map of lost) this.drop(map);
    return lost;
  }
}
