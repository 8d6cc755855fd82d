/** A machine that is switched off, and on again. */
import type { Machine } from '../machine.ts';
import type { Effect } from './effect.ts';
import { addressShared, alreadyBroken } from './network.ts';
import { notReached, stillReached } from './reach.ts';
import type { Subject, SubjectProcess } from './subject.ts';

/** A machine that boots takes longer than to see something. */
const BOOTED_WITHIN_MS = 120_000;

/** The plug is pulled. What ran on the machine is started again when it is on again, as its init would. */
export function off(machine: Subject, witness: Machine): Effect {
  let ran: readonly SubjectProcess[] = [];
  const restarted: SubjectProcess[] = [];
  const ways = [{ from: witness, to: [machine] }];
  return {
    async lacking() {
      if (machine.power === undefined)
        return `${machine.name} cannot be switched off from outside: machines of its kind have no switch`;
      return addressShared([machine, witness]) ?? (await alreadyBroken(witness, machine));
    },
    async inject() {
      ran = [...machine.processes.values()];
      await machine.power?.off();
    },
    unseen: () => stillReached(ways),
    async heal() {
      await machine.power?.on();
      const left = ran.filter((process) => !restarted.includes(process));
      await Promise.all(
        left.map(async (process) => {
          await process.running().exited;
          await process.restart();
          // Not once more, if another one fails.
          restarted.push(process);
        }),
      );
    },
    async remaining() {
      const short = await notReached(ways);
      if (short !== undefined) return short;
      await Promise.all(ran.map((process) => process.ready()));
      return undefined;
    },
    visibleWithinMs: BOOTED_WITHIN_MS,
    recoveredWithinMs: BOOTED_WITHIN_MS,
  };
}
