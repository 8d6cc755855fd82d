/** What faults hit, and which effect each fault has there. */
import type { Fault } from '../fault.ts';
import type { Machine } from '../machine.ts';
import type { Ensemble } from '../zookeeper.ts';
import { clockStep, withOwnClock } from './clockStep.ts';
import { diskFull } from './diskFull.ts';
import type { Effect } from './effect.ts';
import { loss } from './loss.ts';
import { partition } from './partition.ts';
import { off } from './power.ts';
import { kill, pause } from './processes.ts';
import { delay, rate } from './shaping.ts';
import { type Subject, subject } from './subject.ts';
import { inWords, machinesOf } from './words.ts';
import { zookeeperLeader } from './zookeeperLeader.ts';

/** What faults hit. */
export interface FaultTargets {
  /** All machines of the run, as `subjects` made them, before anything was started on them. */
  readonly subjects: readonly Subject[];
  /** The servers that the masters of the run elect their leader by, once they have been started, on these machines. */
  readonly zookeeper?: () => Ensemble | undefined;
}

/** Makes machines that faults can hit. What runs on them must be started by what this returns. */
export async function subjects(
  machines: readonly Machine[],
  faults: readonly Fault[],
): Promise<readonly Subject[]> {
  const stepped = new Set(faults.flatMap((fault) => (fault.kind === 'clock-step' ? fault.machine : [])));
  return Promise.all(
    machines.map(async (machine) =>
      subject(stepped.has(machine.name) ? await withOwnClock(machine) : machine),
    ),
  );
}

/** The effect of a fault on these targets. Throws a sentence if it names a machine that is not there. */
export function effectOf(fault: Fault, targets: FaultTargets): Effect {
  const { subjects, zookeeper } = targets;
  const named = (name: string): Subject => {
    const found = subjects.find((each) => each.name === name);
    if (found === undefined)
      throw new Error(
        `${inWords(fault)}: there is no machine '${name}' among ${subjects.map((each) => each.name).join(', ')}`,
      );
    return found;
  };
  const bare = (name: string): Machine => named(name).machine;
  const hit = machinesOf(fault);
  const twice = hit.find((name, index) => hit.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`${inWords(fault)}: it names ${twice} twice`);
  const others = subjects.filter(({ name }) => !hit.includes(name)).map(({ machine }) => machine);
  const needsOther = (): Machine => {
    const [other] = others;
    if (other === undefined) throw new Error(`${inWords(fault)}: there is no other machine`);
    return other;
  };
  switch (fault.kind) {
    case 'kill':
      return kill(named(fault.machine), fault.process);
    case 'pause':
      return pause(named(fault.machine), fault.process);
    case 'off':
      return off(named(fault.machine), needsOther());
    case 'cut-off':
      return partition([fault.machines.map(bare), others]);
    case 'partition':
      return partition(fault.groups.map((group) => group.map(bare)));
    case 'loss':
      return loss(bare(fault.machine), needsOther(), others, fault.part);
    case 'rate':
      return rate(bare(fault.machine), needsOther(), fault.bitsPerSecond);
    case 'delay':
      return delay(bare(fault.machine), needsOther(), fault.delayMs);
    case 'zookeeper-leader':
      return zookeeperLeader(zookeeper?.(), named);
    case 'disk-full':
      return diskFull(bare(fault.machine));
    case 'clock-step':
      return clockStep(bare(fault.machine), fault.stepMs);
    default:
      return fault satisfies never;
  }
}
