/**
 * The DAG of stages: which stages a job needs, which of them can run, and what has to run again when something is lost
 * (HotCloud'10 §4). It knows nothing of slots.
 */
import type { Millis } from '../../../mesos/driver/actor.ts';
import type { SlaveId } from '../../../mesos/protocol/entities.ts';
import type { TaskReport } from '../taskData.ts';
import { Job, type JobListener } from './job.ts';
import { type DatasetId, type JobSpec, type LineageNode, pipelined, type Shuffle } from './lineage.ts';
import { CacheLocations, MapOutputs } from './locations.ts';
import { hostPlace, type Place, slavePlace } from './pendingTasks.ts';
import { Stage } from './stage.ts';

/** What the DAG needs. */
export interface DagOptions {
  /** A job fails when one of its tasks has failed this often. */
  readonly failuresPerTaskMax: number;
  now(): Millis;
  /** A job has ended; told before its listener is. */
  onEnded(job: Job): void;
  /** There may be something to launch, though nobody asked: an answer was read, or lost. */
  onChanged(): void;
}

/** Stages and jobs of an application. */
export class Dag {
  readonly cache = new CacheLocations();
  readonly #options: DagOptions;
  readonly #outputs = new Map<number, MapOutputs>();
  /** Of each shuffle the stage that makes it, kept as long as the application: it may have to run again. */
  readonly #shuffleStages = new Map<number, Stage>();
  readonly #resultStages = new Map<Job, Stage>();
  /** Stages that jobs wait for, in the order of their jobs. */
  #active: Stage[] = [];
  #stages = 0;

  constructor(options: DagOptions) {
    this.#options = options;
  }

  /** The stages that some job waits for. */
  get active(): readonly Stage[] {
    return this.#active;
  }

  /** Could a task be launched now, given a slot? */
  get isLaunchable(): boolean {
    return this.#active.some(({ isLaunchable }) => isLaunchable);
  }

  /** Where the map outputs of a shuffle are. */
  outputsOf(shuffle: Shuffle): MapOutputs {
    let outputs = this.#outputs.get(shuffle.id);
    if (outputs === undefined) {
      outputs = new MapOutputs(shuffle);
      this.#outputs.set(shuffle.id, outputs);
    }
    return outputs;
  }

  /** Begins a job; `made` is told of it before anything else. One without partitions ends at once. */
  submit(spec: JobSpec, listener: JobListener, order: number, made: (job: Job) => void): Job {
    const job = new Job(spec, listener, this.#options.now(), order);
    made(job);
    const stage = new Stage(this.#stages++, spec.node, { type: 'result', job });
    this.#resultStages.set(job, stage);
    job.tasks = spec.partitions.length;
    this.#need(stage, job, spec.partitions);
    if (job.left === 0) this.end(job);
    return job;
  }

  /** Ends a job, with a reason if it failed. */
  end(job: Job, failure?: string): void {
    if (job.hasEnded) return;
    job.endedMs = this.#options.now();
    job.failure = failure;
    this.#resultStages.delete(job);
    for (const stage of this.#active) stage.jobs.delete(job);
    this.#active = this.#active.filter(({ jobs }) => jobs.size > 0);
    this.#options.onEnded(job);
    job.listener.onEnd(failure);
  }

  /** A task has finished on a slave, whose node keeps what it wrote. */
  finished(stage: Stage, partition: number, slaveId: SlaveId, host: string, report: TaskReport): void {
    this.cache.change(slaveId, report.cache);
    if (stage.phase(partition) === 'finished') return;
    stage.finish(partition);
    const isCounted = stage.isFirst(partition);
    const jobs = [...stage.jobs];
    if (isCounted && report.accumulators.length > 0) jobs[0]?.listener.onAccumulated(report.accumulators);
    if (stage.output.type === 'shuffle') {
      for (const job of jobs) job.finished++;
      stage.output.outputs.add(partition, host);
      if (stage.output.outputs.isComplete) this.#completed(stage);
      return;
    }
    const { job } = stage.output;
    if (job.hasEnded) return;
    let isOpen = true;
    const close = (): boolean => {
      const wasOpen = isOpen && !job.hasEnded;
      isOpen = false;
      return wasOpen;
    };
    job.listener.onResult(partition, report, {
      taken: () => {
        if (!close()) return;
        job.finished++;
        job.left--;
        if (job.left === 0) this.end(job);
      },
      again: (why) => {
        if (!close()) return;
        this.failed(stage, partition, `its result was lost: ${why}`);
        this.#options.onChanged();
      },
    });
  }

  /**
   * A task failed through its own fault, or that of its data: it runs again, unless it has failed too often. What it made may
   * be of no use to a reader: then it is a failure for those that wait for that stage as well.
   */
  failed(stage: Stage, partition: number, why: string, isFinal = false, reader?: Stage): void {
    const failures = stage.fail(partition);
    if (!isFinal && failures < this.#options.failuresPerTaskMax) return this.again(stage, partition);
    const what = stage.output.type === 'result' ? 'result' : 'shuffle';
    const times = failures === 1 ? 'once' : `${failures} times`;
    const failure = `Partition ${partition} of dataset ${stage.node.id} (${what} stage ${stage.id}) failed ${times}: ${why}`;
    for (const job of [...stage.jobs, ...(reader?.jobs ?? [])]) this.end(job, failure);
    stage.pend(partition, []);
  }

  /** A task ended through no fault of its own, or what it made is gone: it runs again if somebody still needs it. */
  again(stage: Stage, partition: number): void {
    this.#pend(stage, partition);
    this.#block(stage);
  }

  /** Is a map output thought to be on this host? */
  isAt(shuffleId: number, map: number, host: string): boolean {
    return this.#outputs.get(shuffleId)?.at(map) === host;
  }

  /** No reader can have a map output: unless that is old news, its map runs again, and what needs it waits. */
  unfetchable(shuffleId: number, map: number, host: string, reader: Stage): void {
    const outputs = this.#outputs.get(shuffleId);
    const stage = this.#shuffleStages.get(shuffleId);
    if (outputs === undefined || stage === undefined || outputs.at(map) !== host) return;
    outputs.drop(map);
    for (const job of reader.jobs) stage.neededBy(job);
    for (const job of stage.jobs) job.tasks++;
    this.failed(stage, map, `no task can fetch its output from ${host}`, false, reader);
    this.refresh();
  }

  /** An executor is gone, and what it had in memory. What it wrote is still served. */
  executorLost(slaveId: SlaveId): void {
    this.cache.dropSlave(slaveId);
    this.refresh();
  }

  /** A host is gone, and the map outputs on its disk. */
  hostLost(host: string): void {
    for (const outputs of this.#outputs.values()) {
      const lost = outputs.dropHost(host);
      const stage = this.#shuffleStages.get(outputs.shuffle.id);
      if (stage !== undefined && stage.jobs.size > 0)
        for (const map of lost) {
          for (const job of stage.jobs) job.tasks++;
          this.#pend(stage, map);
        }
    }
    this.refresh();
  }

  /** What is cached, or who has what, has changed: stages may need others again. */
  refresh(): void {
    for (const stage of [...this.#active]) this.#block(stage);
  }

  /** A job waits for these partitions of a stage. */
  #need(stage: Stage, job: Job, partitions: Iterable<number>): void {
    if (stage.jobs.size === 0) {
      this.#active.push(stage);
      this.#active.sort((a, b) => firstOrder(a, job) - firstOrder(b, job) || a.id - b.id);
      stage.preferredMs = undefined;
    }
    stage.jobs.add(job);
    stage.neededBy(job);
    for (const partition of partitions) {
      const phase = stage.phase(partition);
      if (phase === 'idle' || phase === 'finished') this.#pend(stage, partition);
    }
    this.#block(stage);
  }

  #pend(stage: Stage, partition: number): void {
    stage.pend(partition, this.#placesOf(stage.node, partition));
  }

  /** Finds what a stage has to wait for, and sees to it that it is made. */
  #block(stage: Stage): void {
    if (stage.jobs.size === 0) return;
    stage.blockers = stage.pending.size === 0 ? [] : this.#missing(stage);
    for (const outputs of stage.blockers) {
      const maker = this.#stageOf(outputs);
      for (const job of stage.jobs) {
        if (maker.jobs.has(job)) continue;
        const missing = outputs.hosts().flatMap((host, map) => (host === undefined ? [map] : []));
        job.tasks += missing.length;
        this.#need(maker, job, missing);
      }
    }
  }

  /** Shuffles that the stage of a dataset reads and that are not complete. What is in memory needs none. */
  #missing({ node, ignoresMemory }: Stage): readonly MapOutputs[] {
    const inMemory = (one: LineageNode): boolean => !ignoresMemory && this.cache.isComplete(one);
    const missing = new Set<MapOutputs>();
    for (const one of pipelined(node, inMemory))
      if (!inMemory(one))
        for (const dependency of one.dependencies) {
          if (dependency.type === 'narrow') continue;
          const outputs = this.outputsOf(dependency.shuffle);
          if (!outputs.isComplete) missing.add(outputs);
        }
    return [...missing];
  }

  #stageOf(outputs: MapOutputs): Stage {
    const { id, on } = outputs.shuffle;
    let stage = this.#shuffleStages.get(id);
    if (stage === undefined) {
      stage = new Stage(this.#stages++, on, { type: 'shuffle', outputs });
      this.#shuffleStages.set(id, stage);
    }
    return stage;
  }

  /** A shuffle is complete: who has waited for it can go on. */
  #completed(stage: Stage): void {
    stage.jobs.clear();
    this.#active = this.#active.filter((one) => one !== stage);
    this.refresh();
  }

  /** Where a partition would rather be made: where something of it is in memory, else where its source is on disk. */
  #placesOf(node: LineageNode, partition: number): readonly Place[] {
    const stack = [node];
    const seen = new Set<DatasetId>();
    let onDisk: readonly string[] = [];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (seen.has(next.id)) continue;
      seen.add(next.id);
      const holders = next.isCached ? this.cache.of(next.id, partition) : [];
      if (holders.length > 0) return holders.map(slavePlace);
      if (onDisk.length === 0) onDisk = next.hosts?.[partition] ?? [];
      for (const dependency of next.dependencies) if (dependency.type === 'narrow') stack.push(dependency.on);
    }
    return onDisk.map(hostPlace);
  }
}

/** The order of the first job that waits for the stage. */
function firstOrder({ jobs }: Stage, otherwise: Job): number {
  let first = otherwise.order;
  for (const { order } of jobs) first = Math.min(first, order);
  return first;
}
