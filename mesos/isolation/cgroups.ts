/**
 * Isolation by Linux control groups, of version 1 or 2 (NSDI'11 §3.4, §5): an executor and all that it starts are in a group of
 * their own, which limits processor and memory to what they hold, and which nothing survives.
 */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import * as v from 'valibot';
import type { Resources } from '../protocol/resources.ts';
import type { CgroupRoot } from './cgroupRoot.ts';
import { type ExecutorProcess, startExecutor, watchExecutor } from './executorProcess.ts';
import { clearGroup, type Group, groupNames, limitGroup, makeGroup, openGroup } from './group.ts';
import type { Container, ContainerOwner, Limitation, Usage } from './isolation.ts';
import {
  type ClosableIsolation,
  failed,
  type ProcessIsolationOptions,
  processIsolation,
  sandboxFailure,
} from './process.ts';
import { ProcessIdentitySchema } from './processTable.ts';
import { makeSandbox } from './sandbox.ts';

/** What isolation by control groups needs. */
export interface CgroupsIsolationOptions extends ProcessIsolationOptions {
  /** The root group; see `findCgroups`. */
  readonly root: CgroupRoot;
  /** `cpus` is a bound, not only a share of what is contended for; default no. */
  readonly hasCpuQuota?: boolean;
  /** Most processes and threads of a container at a time. */
  readonly pidsMax?: number;
  /** Told about groups that cannot be limited or removed. */
  readonly log?: (line: string) => void;
}

/** Isolation by control groups. */
export interface CgroupsIsolation extends ClosableIsolation {
  /**
   * Ends and removes groups that earlier slaves with this work folder have left, except those of containers that were recovered:
   * call it when all have been. Returns how many there were.
   */
  removeOrphans(): Promise<number>;
}

/** How often one looks whether memory has run out, or a limit can be lowered now. */
const LOOK_MS = 250;
/** Most processes and threads of a container, unless told otherwise. */
const PIDS_MAX = 4_096;

const StateSchema = v.object({ ...ProcessIdentitySchema.entries, group: v.string() });
/** What finds a container again. */
type State = Readonly<v.InferOutput<typeof StateSchema>>;

/** A container that has not ended. */
interface Member {
  readonly group: Group;
  /** Ends all processes; true if it succeeded. */
  readonly end: () => Promise<boolean>;
  /** What is to be set as soon as usage permits. */
  pending: Resources | undefined;
}

/** Runs each executor in a control group. */
export function cgroupsIsolation(options: CgroupsIsolationOptions): CgroupsIsolation {
  const { root, workDir, log = () => {}, hasCpuQuota = false, pidsMax = PIDS_MAX } = options;
  /** Groups bear the mark of their slave's work folder: a machine may have several slaves. */
  const mark = `${createHash('sha256').update(realpathSync(workDir)).digest('hex').slice(0, 12)}-`;
  const members = new Set<Member>();
  /** From when they are made or found until they are removed. */
  const groups = new Map<string, Promise<void>>();
  const plain = processIsolation(options);
  const looking = setInterval(() => {
    for (const member of members) look(member);
  }, LOOK_MS).unref();

  /** A group may be gone while it is looked at; and one that cannot be limited must not end the slave. Told once. */
  const told = new WeakSet<Member>();
  function attempt(member: Member, what: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      if (!members.has(member) || told.has(member)) return;
      told.add(member);
      log(`the control group ${member.group.name} ${what}: ${(error as Error).message}`);
    }
  }

  function limit(member: Member, resources: Resources): void {
    attempt(member, 'cannot be limited', () => {
      member.pending = limitGroup(member.group, resources, { hasCpuQuota }) ? undefined : resources;
    });
  }

  function look(member: Member): void {
    if (member.pending !== undefined) limit(member, member.pending);
    attempt(member, 'cannot be read', () => {
      // The kernel has ended one of its processes, which is seldom what the others expect.
      if (member.group.memory.kills() > 0) void member.end();
    });
  }

  async function remove(name: string, run: () => Promise<boolean>): Promise<void> {
    const isRemoved = await run().catch((error: Error) => error.message);
    if (isRemoved !== true)
      log(`the control group ${name} cannot be removed: ${isRemoved || 'it is in use'}`);
  }

  function follow(group: Group, head: ExecutorProcess, owner: ContainerOwner): Container {
    const member: Member = {
      group,
      pending: undefined,
      end: () => {
        // It may be on its way into the group.
        head.killGroup();
        return group.end();
      },
    };
    members.add(member);
    groups.set(
      group.name,
      head.ended.then(async (exit) => {
        const isEmpty = await member.end();
        const ending = { ...exit, ...limitationOf(group) };
        members.delete(member);
        owner.exited(isEmpty ? ending : { ...ending, message: `${ending.message ?? ''} ${SURVIVED}`.trim() });
        await remove(group.name, () => group.remove());
        groups.delete(group.name);
      }),
    );
    const { identity } = head;
    const state: State | undefined = identity && { ...identity, group: group.name };
    return {
      update: (resources) => limit(member, resources),
      destroy: () => void member.end(),
      usage: () => (members.has(member) ? usageOf(group) : undefined),
      limitation: () => (members.has(member) ? limitationOf(group) : undefined),
      ...(state !== undefined && { state }),
    };
  }

  return {
    launch(spec, owner) {
      let sandbox: string;
      try {
        sandbox = makeSandbox(workDir, spec);
      } catch (error) {
        return failed(sandboxFailure(workDir, spec, error as Error), owner);
      }
      let group: Group | undefined;
      try {
        group = makeGroup(root, `${mark}${spec.containerId}`);
        group.pids?.limit(pidsMax);
        limitGroup(group, spec.executorInfo.resources, { hasCpuQuota });
        const { entrances } = group;
        return follow(
          group,
          startExecutor({ spec, sandbox, environment: options.environment?.(spec) ?? {}, entrances }),
          owner,
        );
      } catch (error) {
        void group?.remove();
        const message = `The executor's control group cannot be made: ${(error as Error).message}`;
        return failed({ status: 126, message }, owner);
      }
    },
    recover(spec, state, owner) {
      const parsed = v.safeParse(StateSchema, state);
      const group =
        parsed.success && parsed.output.group.startsWith(mark)
          ? openGroup(root, parsed.output.group)
          : undefined;
      // It was started without groups, or has lost them.
      if (!parsed.success || group === undefined) return plain.recover(spec, state, owner);
      return follow(group, watchExecutor(parsed.output), owner);
    },
    async removeOrphans() {
      const orphans = [...groupNames(root)].filter((name) => name.startsWith(mark) && !groups.has(name));
      for (const name of orphans) await remove(name, () => clearGroup(root, name));
      return orphans.length;
    },
    async close() {
      for (const member of members) void member.end();
      await Promise.all([...groups.values(), plain.close()]);
      clearInterval(looking);
    },
  };
}

/** Part of its limit that a group has used which ran out of memory. */
const NEAR_LIMIT = 0.9;
const SURVIVED = 'Some of its processes cannot be killed.';

/** Has the kernel ended a process because the group was out of memory? */
function limitationOf({ memory }: Group): Limitation | undefined {
  try {
    if (memory.kills() === 0) return undefined;
    const [limit, peak] = [memory.limitBytes(), memory.peakBytes()];
    // The kernel also ends processes, in whatever group, when the machine itself has no memory left.
    const isOwnDoing = limit !== undefined && (peak === undefined || peak > NEAR_LIMIT * limit);
    const who = isOwnDoing ? 'it' : 'the machine';
    const message = `The executor was ended because ${who} was out of memory: its limit is ${mebibytes(limit)}, and it had used ${mebibytes(peak)}`;
    return { reason: 'REASON_CONTAINER_LIMITATION_MEMORY', message };
  } catch {
    // The group has been removed by somebody else.
    return undefined;
  }
}

function usageOf(group: Group): Usage | undefined {
  try {
    return group.usage();
  } catch {
    return undefined;
  }
}

function mebibytes(bytes: number | undefined): string {
  return bytes === undefined ? 'unknown' : `${(bytes / 1_048_576).toFixed(1)} MiB`;
}
