/** An allocation module under audit: what the master owes it, and what it owes the master, by the book of its interface. */
import type { AllocationFactory, Holding, RunningTask } from '../../mesos/allocation/allocation.ts';
import type { FrameworkId, SlaveId } from '../../mesos/protocol/entities.ts';
import {
  add,
  contains,
  format,
  isEmpty,
  NOTHING,
  type Resources,
  subtract,
  sum,
} from '../../mesos/protocol/resources.ts';

/** What one framework has of one pool of one slave. */
interface Account {
  readonly frameworkId: FrameworkId;
  readonly slaveId: SlaveId;
  offered: Resources;
  used: Resources;
}

const sumOf = (tasks: readonly RunningTask[]): Resources => sum(tasks.map(({ resources }) => resources));

/** Modules as the factory makes them; every breach of their interface is told. */
export function audited(factory: AllocationFactory, breach: (how: string) => void): AllocationFactory {
  return (random) => {
    const module = factory(random);
    const free = new Map<SlaveId, Resources>();
    const accounts = new Map<string, Account>();

    function accountOf({ frameworkId, slaveId, pool }: Holding): Account {
      const key = `${frameworkId}/${slaveId}/${pool}`;
      const account = accounts.get(key) ?? { frameworkId, slaveId, offered: NOTHING, used: NOTHING };
      accounts.set(key, account);
      return account;
    }

    /** What is left of `before` without the holding; a breach if the holding is not in it. */
    function without(
      before: Resources,
      { frameworkId, slaveId, resources }: Holding,
      what: string,
    ): Resources {
      if (contains(before, resources)) return subtract(before, resources);
      breach(`${format(resources)} of ${slaveId} ${what} ${frameworkId}; there is ${format(before)} of it`);
      return before;
    }

    function takeFree(holding: Holding, what: string): void {
      free.set(holding.slaveId, without(free.get(holding.slaveId) ?? NOTHING, holding, what));
    }

    function giveBack({ slaveId, resources }: Holding): void {
      free.set(slaveId, add(free.get(slaveId) ?? NOTHING, resources));
    }

    function usedBy(id: FrameworkId): Resources {
      return sum(
        [...accounts.values()].flatMap(({ frameworkId, used }) => (frameworkId === id ? [used] : [])),
      );
    }

    /** All accounts that are of the framework, or on the slave, are closed; they must be empty. */
    function close(isIts: (account: Account) => boolean): void {
      for (const [key, account] of accounts) {
        if (!isIts(account)) continue;
        const { frameworkId, slaveId, offered, used } = account;
        const left = add(offered, used);
        if (!isEmpty(left))
          breach(`${frameworkId} or ${slaveId} is removed while the one has ${format(left)} on the other`);
        accounts.delete(key);
      }
    }

    return {
      ...module,
      removeFramework(id) {
        close(({ frameworkId }) => frameworkId === id);
        module.removeFramework(id);
      },
      addSlave(id, slave) {
        free.set(id, slave.total);
        module.addSlave(id, slave);
      },
      removeSlave(id) {
        close(({ slaveId }) => slaveId === id);
        free.delete(id);
        module.removeSlave(id);
      },
      convertFree(slaveId, from, to) {
        const objection = module.convertFree(slaveId, from, to);
        if (objection !== undefined) return objection;
        const before = free.get(slaveId) ?? NOTHING;
        if (contains(before, from)) free.set(slaveId, add(subtract(before, from), to));
        else breach(`${format(from)} of ${slaveId} is converted; there is ${format(before)} free`);
        return undefined;
      },
      convert(holding, to) {
        const account = accountOf(holding);
        account.offered = add(without(account.offered, holding, 'was not offered and is converted by'), to);
        module.convert(holding, to);
      },
      recovered(holding) {
        const account = accountOf(holding);
        takeFree(holding, 'is in use already by');
        account.used = add(account.used, holding.resources);
        module.recovered(holding);
      },
      used(holding) {
        const account = accountOf(holding);
        account.offered = without(account.offered, holding, 'was not offered and is used by');
        account.used = add(account.used, holding.resources);
        module.used(holding);
      },
      returned(holding, refusedUntilMs) {
        const account = accountOf(holding);
        account.offered = without(account.offered, holding, 'was not offered and is returned by');
        giveBack(holding);
        module.returned(holding, refusedUntilMs);
      },
      freed(holding) {
        const account = accountOf(holding);
        account.used = without(account.used, holding, 'was not used and is freed by');
        giveBack(holding);
        module.freed(holding);
      },
      revoke(nowMs, tasksOf) {
        const ending = new Map<FrameworkId, Resources>();
        const revocations = module.revoke(nowMs, tasksOf);
        for (const { frameworkId, taskId } of revocations) {
          const tasks = [...tasksOf(frameworkId)];
          const before = ending.get(frameworkId) ?? sumOf(tasks.filter(({ isEnding }) => isEnding));
          const task = tasks.find((each) => each.taskId === taskId);
          const used = subtract(usedBy(frameworkId), before);
          const guarantee = module.guaranteeOf(frameworkId);
          if (task === undefined || task.isEnding) breach(`${taskId} of ${frameworkId} is revoked in vain`);
          else if (contains(guarantee, used))
            breach(
              `${taskId} of ${frameworkId} is revoked, which keeps ${format(used)} and is guaranteed ${format(guarantee)}`,
            );
          ending.set(frameworkId, add(before, task?.resources ?? NOTHING));
        }
        return revocations;
      },
      allocate(nowMs) {
        const grants = module.allocate(nowMs);
        for (const grant of grants) {
          takeFree(grant, 'is not free and is granted to');
          const account = accountOf(grant);
          account.offered = add(account.offered, grant.resources);
        }
        return grants;
      },
    };
  };
}
