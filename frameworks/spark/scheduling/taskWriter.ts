/** Writes what tasks are told. */
import type { SlaveId } from '../../../mesos/protocol/entities.ts';
import { packTask } from '../stageData.ts';
import { DATA_BYTES_MAX } from '../taskData.ts';
import type { Broadcasts } from './broadcasts.ts';
import type { Dag } from './dag.ts';
import type { Stage } from './stage.ts';
import { ownDataOf, planOf, type StagePlan } from './taskPlan.ts';

/** The writer; it remembers the plans of stages until it is told to forget them. */
export class TaskWriter {
  readonly #dag: Dag;
  readonly #broadcasts: Broadcasts;
  readonly #plans = new Map<Stage, StagePlan>();

  constructor(dag: Dag, broadcasts: Broadcasts) {
    this.#dag = dag;
    this.#broadcasts = broadcasts;
  }

  /** The `data` of a task on a slave, or why it cannot be told. */
  write(
    stage: Stage,
    partition: number,
    slaveId: SlaveId,
  ): { readonly data: Buffer } | { readonly why: string } {
    let plan = this.#plans.get(stage);
    if (plan === undefined) {
      plan = planOf(stage, (shuffle) => this.#dag.outputsOf(shuffle));
      this.#plans.set(stage, plan);
    }
    const broadcasts = this.#broadcasts.tell(slaveId, plan.broadcasts);
    const data = packTask(plan.written, ownDataOf(plan, partition, broadcasts));
    if (data.length <= DATA_BYTES_MAX) return { data };
    return {
      why: `what it is told has ${data.length} bytes, more than the ${DATA_BYTES_MAX} that a message carries; use broadcasts or more partitions`,
    };
  }

  /** Datasets have come, or are kept in memory no more. */
  forget(): void {
    this.#plans.clear();
  }
}
