/** A job while it runs: which of its vertices wait, run and have finished. Talks to nobody. */
import type { Millis } from '../../mesos/driver/actor.ts';
import type { JobStatus } from '../jobBoard.ts';
import { expand, hasInputs, type Vertex } from './graph.ts';
import { countVertices, type DryadJob } from './job.ts';
import { ReadyVertices } from './readyVertices.ts';
import { partName, type VertexReport } from './vertexData.ts';

/** A part of a job's output. */
export interface OutputPart {
  readonly name: string;
  /** Hostnames of the nodes that hold it. */
  readonly hosts: readonly string[];
  readonly bytes: number;
}

/** What became of a job. */
export interface DryadJobSummary {
  readonly id: string;
  readonly outcome: 'finished' | 'failed' | 'deleted';
  readonly message?: string;
  /** Its output, in order; empty unless it finished. */
  readonly parts: readonly OutputPart[];
  readonly counters: Readonly<Record<string, number>>;
}

/** How a job ended. */
export interface JobEnd {
  readonly atMs: Millis;
  readonly outcome: 'finished' | 'failed' | 'deleted';
  readonly message?: string;
}

/** See the top of the file. */
export class JobRun {
  readonly job: DryadJob;
  /** When it was submitted, or, as long as that is to come, when the framework was told of it. */
  submittedMs: Millis;
  isSubmitted = false;
  readonly ready = new ReadyVertices();
  startedMs: Millis | undefined;
  /** Nothing of it is to be launched, by somebody's wish. */
  isHeld = false;
  end: JobEnd | undefined;
  /** When it first passed over a slot for want of local data, after its last local launch. */
  waitingSinceMs: Millis | undefined;
  /** None before it is submitted. */
  #vertices: readonly Vertex[] = [];
  #running = 0;
  #finished = 0;
  readonly #counters = {
    attempts: 0,
    failures: 0,
    lost: 0,
    undone: 0,
    local: 0,
    remote: 0,
    inputBytes: 0,
    remoteBytes: 0,
    outputBytes: 0,
  };

  constructor(job: DryadJob, takenMs: Millis) {
    this.job = job;
    this.submittedMs = takenMs;
  }

  /** From now on its vertices can be launched. */
  submit(intendedMs: Millis): void {
    this.submittedMs = intendedMs;
    this.isSubmitted = true;
    this.#vertices = expand(this.job);
    for (const vertex of this.#vertices) if (vertex.state.is === 'ready') this.ready.add(vertex);
  }

  /** How many vertices it has. */
  get size(): number {
    return this.job.stages.reduce((vertices, stage) => vertices + countVertices(stage), 0);
  }

  /** How many of its vertices could be launched now. */
  get launchable(): number {
    return this.isHeld ? 0 : this.ready.size;
  }

  get isDone(): boolean {
    return this.#finished === this.#vertices.length;
  }

  /** A ready vertex is launched. */
  launch(vertex: Vertex): void {
    this.ready.delete(vertex);
    vertex.state = { is: 'running' };
    vertex.attempts++;
    this.#running++;
    this.#counters.attempts++;
  }

  /** A running vertex has to run again. `isFailure`: through its own fault. */
  putBack(vertex: Vertex, isFailure: boolean): void {
    this.#running--;
    if (isFailure) this.fail(vertex);
    else this.#counters.lost++;
    this.#pend(vertex);
  }

  /** One more failure is held against a vertex. */
  fail(vertex: Vertex): void {
    vertex.failures++;
    this.#counters.failures++;
  }

  /** A running vertex has finished. `isThere`: whether a host to which it copied its part has been there ever since. */
  finish(vertex: Vertex, host: string, report: VertexReport, isThere: (host: string) => boolean): void {
    this.#running--;
    this.#finished++;
    const part = report.part && { ...report.part, hosts: report.part.hosts.filter(isThere) };
    vertex.state = { is: 'finished', host, report: part ? { ...report, part } : report };
    const counters = this.#counters;
    counters[report.locality]++;
    counters.inputBytes += report.inputBytes;
    counters.remoteBytes += report.remoteBytes;
    counters.outputBytes += report.outputBytes;
    for (const consumer of vertex.consumers)
      if (consumer.state.is === 'waiting' && hasInputs(consumer)) this.#pend(consumer);
  }

  /** What a finished vertex wrote is gone: it has to run again, and who reads it to wait. */
  undo(vertex: Vertex): void {
    if (vertex.state.is !== 'finished') return;
    this.#finished--;
    this.#counters.undone++;
    this.#pend(vertex);
    for (const consumer of vertex.consumers)
      if (consumer.state.is === 'ready') {
        this.ready.delete(consumer);
        consumer.state = { is: 'waiting' };
      }
  }

  /** A host is gone: undoes what was there and is still needed, the last first, for what they read may be needed with them. */
  loseHost(host: string): void {
    for (const vertex of this.#vertices.toReversed()) {
      const { state, consumers, part: number } = vertex;
      if (state.is !== 'finished') continue;
      if (number !== undefined) {
        const hosts = state.report.part?.hosts.filter((holder) => holder !== host) ?? [];
        if (hosts.length === 0) this.undo(vertex);
        else if (state.report.part !== undefined)
          vertex.state = { ...state, report: { ...state.report, part: { ...state.report.part, hosts } } };
      } else if (state.host === host && consumers.some((consumer) => consumer.state.is !== 'finished'))
        this.undo(vertex);
    }
  }

  status(): JobStatus {
    const { job, submittedMs, startedMs, end } = this;
    return {
      id: job.id,
      kind: job.kind,
      phase: end?.outcome ?? (startedMs !== undefined ? 'running' : this.isHeld ? 'held' : 'waiting'),
      submittedMs,
      ...(startedMs !== undefined && { startedMs }),
      ...(end !== undefined && { endedMs: end.atMs }),
      tasks: { total: this.size, running: end === undefined ? this.#running : 0, finished: this.#finished },
      ...(end?.message !== undefined && { message: end.message }),
      counters: { ...this.#counters },
    };
  }

  summary(): DryadJobSummary {
    const { outcome, message } = this.end ?? { outcome: 'failed', message: 'it was never submitted' };
    const parts = this.#vertices.flatMap((vertex): readonly OutputPart[] => {
      const { state, part: number } = vertex;
      if (outcome !== 'finished' || state.is !== 'finished' || number === undefined) return [];
      const { part, outputBytes: bytes } = state.report;
      return [{ name: partName(number), hosts: part?.hosts ?? [], bytes }];
    });
    const why = message === undefined ? {} : { message };
    return { id: this.job.id, outcome, ...why, parts, counters: { ...this.#counters } };
  }

  /** It is to run as soon as its inputs are there. */
  #pend(vertex: Vertex): void {
    if (!hasInputs(vertex)) {
      vertex.state = { is: 'waiting' };
      return;
    }
    vertex.state = { is: 'ready' };
    this.ready.add(vertex);
  }
}
