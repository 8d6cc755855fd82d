/** What the end of an attempt means: who is at fault, what has to run again, what is known from now on. */
import type { Clock, Millis } from '../../../mesos/driver/actor.ts';
import type { SlaveId } from '../../../mesos/protocol/entities.ts';
import { FetchFailures } from '../../fetchFailures.ts';
import type { RestingSlaves } from '../../refusals.ts';
import type { Attempt, Outcome } from './attempt.ts';
import type { Broadcasts } from './broadcasts.ts';
import type { Dag } from './dag.ts';
import type { JobBook } from './jobBook.ts';

/** What is known beside attempts, and who is told what. */
export interface Surroundings {
  readonly dag: Dag;
  readonly book: JobBook;
  readonly broadcasts: Broadcasts;
  /** Of the slaves that have been offered, and are not lost. */
  readonly hostnames: ReadonlyMap<SlaveId, string>;
  /** Slaves whose executor was ending when a task came. */
  readonly resting: RestingSlaves;
}

/** Settles the ends of an application's attempts. */
export class AttemptEnds {
  readonly #around: Surroundings;
  readonly #fetchFailures: FetchFailures;

  constructor(clock: Pick<Clock, 'now'>, around: Surroundings) {
    this.#around = around;
    this.#fetchFailures = new FetchFailures(clock);
  }

  /** For how long nothing is to be run on a host, for what is wrong with it (fetchFailures.ts). */
  leftAloneMs(host: string): Millis {
    return this.#fetchFailures.leftAloneMs(host);
  }

  /** An attempt has ended. */
  settle(attempt: Attempt, outcome: Outcome): void {
    const { taskId, stage, partition, slaveId, host } = attempt;
    const { dag, book, resting } = this.#around;
    switch (outcome.type) {
      case 'finished':
        book.read(taskId, stage, outcome.report);
        dag.finished(stage, partition, slaveId, host, outcome.report);
        return;
      case 'failed':
        return this.#failed(attempt, outcome);
      case 'turned-away':
        resting.add(slaveId);
        return dag.again(stage, partition);
      case 'displaced':
        return dag.again(stage, partition);
      default:
        outcome satisfies never;
    }
  }

  #failed(
    { stage, partition, slaveId, host }: Attempt,
    { message, failure }: Outcome & { readonly type: 'failed' },
  ): void {
    const { dag, broadcasts, hostnames } = this.#around;
    if (failure !== undefined) {
      dag.cache.change(slaveId, failure.cache);
      const { unfetchable, unknownBroadcasts } = failure;
      if (unknownBroadcasts !== undefined) {
        broadcasts.dropSlave(slaveId, unknownBroadcasts);
        return dag.again(stage, partition);
      }
      if (unfetchable !== undefined) {
        const { shuffle, map, host: from, isGone } = unfetchable;
        if (map === undefined || from === undefined) stage.ignoresMemory = true;
        else if (dag.isAt(shuffle, map, from)) {
          const missed = { reader: host, holder: from, task: `${stage.id}/${partition}`, isGone };
          const fault = this.#fetchFailures.judge(missed, hostnames.values());
          if (fault === 'reader') return dag.failed(stage, partition, `at last on ${host}: ${message}`);
          if (fault === 'holder') dag.unfetchable(shuffle, map, from, stage);
        }
        return dag.again(stage, partition);
      }
    }
    dag.failed(stage, partition, `at last on ${host}: ${message}`, failure?.isFinal);
  }
}
