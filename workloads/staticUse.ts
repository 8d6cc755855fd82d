/**
 * From slots that are held to what a machine's monitor shows, on the static side of the macrobenchmark (NSDI'11 §6.1, figures 5 and 7).
 */

/** Figure 7 shows this much time. */
export const FIGURE_7_S = 1600;

/** Share of the cluster's cores that each framework held on its static partition, summed over that time (figure 5). */
const HELD_SHARE_S = { facebook: 296.6, large: 365.6, spark: 284.0, torque: 195.6 } as const;

/** Mean CPU utilisation on static partitions over that time (figure 7). */
const USED_PART = 0.57;

/** CPU that is used for each that a task holds: tasks wait for disks and network now and then. */
export const CPU_USED_PER_HELD =
  (USED_PART * FIGURE_7_S) / Object.values(HELD_SHARE_S).reduce((sum, held) => sum + held, 0);
