/** Waits until nothing of a framework that has ended runs any more: what its tasks write can be removed then, and not before. */
import * as v from 'valibot';
import type { MasterReader } from '../masterReads.ts';

const FrameworksSchema = v.object({ frameworks: v.array(v.object({ id: v.string() })) });
const SlavesSchema = v.object({ slaves: v.array(v.object({ pid: v.string(), active: v.boolean() })) });
const SlaveSchema = v.object({
  frameworks: v.array(v.object({ id: v.string(), executors: v.array(v.unknown()) })),
});

const LOOK_MS = 100;

/** Looks until it has ended everywhere, for so long at most. Resolves to what is left then, in one sentence; undefined: nothing. */
export async function untilGone(
  reader: MasterReader,
  frameworkId: string,
  patienceMs: number,
): Promise<string | undefined> {
  const endMs = performance.now() + patienceMs;
  for (;;) {
    const left = await whatIsLeft(reader, frameworkId).catch((error: Error) => error.message);
    if (left === undefined || performance.now() >= endMs) return left;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function whatIsLeft(reader: MasterReader, frameworkId: string): Promise<string | undefined> {
  const { frameworks } = await reader.get(FrameworksSchema, '/frameworks');
  if (frameworks.some(({ id }) => id === frameworkId)) return 'the master has not ended the framework yet';
  const { slaves } = await reader.get(SlavesSchema, '/slaves');
  const busy = await Promise.all(
    slaves
      .filter(({ active }) => active)
      .map(async ({ pid }) => {
        const place = pid.slice(pid.indexOf('@') + 1);
        // A slave that is not there runs nothing that anybody could wait for.
        const state = await reader.getFrom(place, SlaveSchema, '/state').catch(() => undefined);
        const own = state?.frameworks.find(({ id }) => id === frameworkId);
        return (own?.executors.length ?? 0) > 0 ? [place] : [];
      }),
  );
  const places = busy.flat();
  return places.length === 0 ? undefined : `executors have not ended yet on ${places.slice(0, 5).join(', ')}`;
}
