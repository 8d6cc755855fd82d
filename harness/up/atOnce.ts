/** Work on many machines at once, but not on all: each takes a process, a connection or both of this machine. */

/** Machines that are worked on at a time. */
const AT_A_TIME = 16;

/** Runs the work for every item, a few at a time. The work must not reject; results are in the order of the items. */
export async function atOnce<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  limit = AT_A_TIME,
): Promise<readonly R[]> {
  const results = new Array<R>(items.length);
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  return results;
}
