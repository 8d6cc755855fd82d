/** How a benchmark is asked to measure. */
export interface BenchPlan {
  /** Absent: as many as it thinks right. */
  readonly repetitions?: number;
  /** Of what is drawn. */
  readonly seed: number;
  /** Is this figure, or one whose id begins so, to be measured? */
  readonly wants: (id: string) => boolean;
}
