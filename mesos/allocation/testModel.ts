/** For tests of allocation modules: a model of what one has to do, that knows nothing of how it is done. */
import * as assert from 'uvu/assert';
import type { FrameworkId, SlaveId } from '../protocol/entities.ts';
import { predicateOf, type SlaveFilter } from '../protocol/filters.ts';
import {
  add,
  baseOf,
  common,
  contains,
  dominantShare,
  format,
  isEmpty,
  NOTHING,
  type Resources,
  roleOf,
  subtract,
  sum,
  unreserved,
} from '../protocol/resources.ts';
import type { AllocationFactory, AllocationModule, Grant, Holding, RunningTask } from './allocation.ts';
import type { AllocationOptions } from './options.ts';
import { moduleOf, of } from './testModule.ts';
import { whyNotIsTrue } from './testWhyNot.ts';

/** A framework as it is recorded. */
export interface Framework {
  readonly role: string;
  /** What it asked for itself. */
  readonly own: Resources | undefined;
  guarantee: Resources;
  needs: boolean;
  filters: readonly SlaveFilter[];
  /** What it has refused since it wanted offers anew, by slave and pool. */
  readonly refused: Map<string, { readonly resources: Resources; readonly untilMs: number }>;
  grants: number;
}

/** A slave as it is recorded. */
export interface Slave {
  readonly hostname: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** With the roles for which it is reserved now. */
  total: Resources;
  active: boolean;
}

interface Task extends RunningTask {
  readonly frameworkId: FrameworkId;
}

function assertSame(told: Resources, held: Resources, what: string): void {
  assert.ok(contains(held, told) && contains(told, held), `${what}: ${format(told)}, not ${format(held)}`);
}

/** What the module is held against: everything that was done with it, recorded by holding. */
export class Model {
  readonly module: AllocationModule;
  readonly options: AllocationOptions;
  readonly frameworks = new Map<FrameworkId, Framework>();
  readonly slaves = new Map<SlaveId, Slave>();
  /** By role, as they were set since the start. */
  readonly weights = new Map<string, number>();
  readonly guarantees = new Map<string, Resources>();
  readonly quotas = new Map<string, Resources>();
  readonly offers: Grant[] = [];
  readonly tasks: Task[] = [];
  /** Lower comes first; undefined if the module's order cannot be known. */
  readonly rank: ((framework: Framework, share: number) => readonly number[]) | undefined;
  nowMs = 0;
  #made = 0;

  constructor(factory: AllocationFactory, options: AllocationOptions, rank: Model['rank']) {
    this.module = moduleOf(factory);
    this.options = options;
    this.rank = rank;
  }

  /** A name for something new. */
  newId(letter: string): string {
    return `${letter}${this.#made++}`;
  }

  /** What the holdings that pass come to. */
  held(
    filter: (holding: Holding) => boolean,
    holdings: readonly Holding[] = [...this.offers, ...this.tasks],
  ): Resources {
    return sum(holdings.filter(filter).map(({ resources }) => resources));
  }

  /** What all slaves have, reserved or not. */
  get cluster(): Resources {
    return unreserved(sum([...this.slaves.values()].map(({ total }) => total)));
  }

  /** Ends and gives back all holdings that pass. */
  clear(isIts: (holding: Holding) => boolean): void {
    for (const offer of this.offers.filter(isIts)) this.giveBack(offer, offer.resources, undefined);
    for (const task of this.tasks.filter(isIts)) this.end(task);
  }

  needs(id: FrameworkId, needed: boolean): void {
    const framework = this.frameworks.get(id);
    if (framework === undefined) return;
    framework.needs = needed;
    if (needed) framework.refused.clear();
    this.module.setNeedsOffers(id, needed);
  }

  reserveFree(id: SlaveId, from: Resources, to: Resources): void {
    const objection = this.module.convertFree(id, from, to);
    const isFree = contains(this.freeOf(id), from);
    if (this.options.shortTasks === undefined) assert.is(objection === undefined, isFree);
    assert.ok(isFree || objection !== undefined);
    if (objection === undefined) this.#convert(id, from, to);
  }

  reserveOffered(offer: Grant, from: Resources, to: Resources): void {
    this.module.convert(of(offer, from), to);
    this.#convert(offer.slaveId, from, to);
    this.offers[this.offers.indexOf(offer)] = {
      ...offer,
      resources: add(subtract(offer.resources, from), to),
    };
  }

  #convert(id: SlaveId, from: Resources, to: Resources): void {
    const slave = this.slaves.get(id);
    if (slave !== undefined) slave.total = add(subtract(slave.total, from), to);
  }

  setGuarantee(role: string, guarantee: Resources): void {
    const its = [...this.frameworks.values()].filter((each) => each.role === role && each.own === undefined);
    const others = [...this.frameworks.values()].filter((each) => !its.includes(each));
    const whole = sum([...others.map((each) => each.guarantee), ...its.map(() => guarantee)]);
    const objection = this.module.setGuarantee(role, guarantee);
    if (this.options.shortTasks === undefined)
      assert.is(
        objection === undefined,
        its.length === 0 ||
          contains(this.guarantees.get(role) ?? NOTHING, guarantee) ||
          contains(this.cluster, whole),
      );
    if (objection !== undefined) return;
    this.guarantees.set(role, guarantee);
    for (const framework of its) framework.guarantee = guarantee;
  }

  setQuota(role: string, limit: Partial<Resources> | undefined): void {
    if (limit === undefined) this.quotas.delete(role);
    else this.quotas.set(role, limit as Resources);
    this.module.setQuota(role, this.quotas.get(role));
  }

  /** What frameworks of a role hold together, reserved or not. */
  heldByRole(role: string): Resources {
    return unreserved(this.held(({ frameworkId }) => this.frameworks.get(frameworkId)?.role === role));
  }

  /** What of `free` a framework of the role may have: nothing that is reserved for others, and what its quota leaves. */
  partFor(role: string, free: Resources): Resources {
    const limit = this.quotas.get(role);
    let held = this.heldByRole(role);
    const part: Record<string, number> = {};
    for (const isReserved of [true, false])
      for (const [name, amount] of Object.entries(free)) {
        const base = baseOf(name);
        if (roleOf(name) !== (isReserved ? role : undefined)) continue;
        const most = limit?.[base];
        const left = most === undefined ? amount : Math.min(amount, most - (held[base] ?? 0));
        if (left > 0) part[name] = left;
        if (left > 0) held = add(held, { [base]: left });
      }
    return part;
  }

  filter(id: FrameworkId, filters: readonly SlaveFilter[]): void {
    const framework = this.frameworks.get(id);
    if (framework !== undefined) framework.filters = filters;
    this.module.setFilters(id, filters);
  }

  activate(id: SlaveId, active: boolean): void {
    const slave = this.slaves.get(id);
    if (slave !== undefined) slave.active = active;
    this.module.setSlaveActive(id, active);
  }

  /** It is a task from now on. */
  run(holding: Holding): void {
    const { frameworkId, slaveId, pool, resources } = holding;
    const taskId = this.newId('t');
    const launchedMs = this.nowMs;
    this.tasks.push({ frameworkId, taskId, slaveId, pool, resources, launchedMs, isEnding: false });
  }

  /** A task of half a CPU, or what there is. */
  launch(offer: Grant, forMs: number | undefined): void {
    const task = { cpus: 0.5, mem: 50 };
    const resources = contains(offer.resources, task) ? task : offer.resources;
    const rest = subtract(offer.resources, resources);
    this.module.used(of(offer, resources));
    this.run(of(offer, resources));
    this.giveBack(offer, rest, forMs);
  }

  giveBack(offer: Grant, resources: Resources, forMs: number | undefined): void {
    this.offers.splice(this.offers.indexOf(offer), 1);
    const untilMs = forMs === undefined ? undefined : this.nowMs + forMs;
    if (untilMs !== undefined)
      this.frameworks
        .get(offer.frameworkId)
        ?.refused.set(`${offer.slaveId} ${offer.pool}`, { resources, untilMs });
    this.module.returned(of(offer, resources), untilMs);
  }

  end(task: Task): void {
    this.tasks.splice(this.tasks.indexOf(task), 1);
    this.module.freed(of(task, task.resources));
  }

  allocate(): void {
    for (const grant of this.module.allocate(this.nowMs)) {
      const { frameworkId, slaveId, pool, resources } = grant;
      const told = JSON.stringify(grant);
      const framework = this.frameworks.get(frameworkId);
      const slave = this.slaves.get(slaveId);
      if (framework === undefined || slave === undefined) return assert.unreachable(`granted: ${told}`);
      assert.ok(slave.active, `of a slave that is not active: ${told}`);
      assert.ok(framework.needs, `to one that wants no offers: ${told}`);
      assert.not(isEmpty(resources), `nothing: ${told}`);
      assert.ok(this.#admits(framework, grant), `filtered: ${told}`);
      const refusal = framework.refused.get(`${slaveId} ${pool}`);
      assert.not(
        refusal !== undefined && refusal.untilMs > this.nowMs && contains(refusal.resources, resources),
        `refused: ${told}`,
      );
      assert.is(
        grant.maxTaskDurationMs,
        pool === 'short' ? this.options.shortTasks?.maxTaskDurationMs : undefined,
      );
      assertSame(this.partFor(framework.role, resources), resources, `by its quota ${frameworkId} may have`);
      if (this.options.shortTasks === undefined)
        assertSame(
          resources,
          this.partFor(framework.role, this.freeOf(slaveId)),
          `what is free of ${slaveId}`,
        );
      this.#nobodyWasPassedOver(grant);
      framework.grants++;
      this.offers.push(grant);
    }
    whyNotIsTrue(this);
  }

  /** What nobody holds of a slave. */
  freeOf(id: SlaveId): Resources {
    const held = this.held(({ slaveId }) => slaveId === id);
    return subtract(this.slaves.get(id)?.total ?? NOTHING, held);
  }

  /** Is it as much as frameworks of the role are offered at all? */
  isEnough(role: string, resources: Resources): boolean {
    const minimumOffers = this.options.minimumOffersByRole?.[role] ?? [{ cpus: 0.01 }, { mem: 32 }];
    return minimumOffers.some((minimum) => contains(unreserved(resources), minimum));
  }

  #admits({ role, filters }: Framework, { slaveId, resources }: Grant): boolean {
    const slave = this.slaves.get(slaveId);
    return (
      slave !== undefined &&
      this.isEnough(role, resources) &&
      filters.every((filter) => predicateOf(filter)({ ...slave, free: unreserved(resources) }))
    );
  }

  /** Where the framework stands: below its guarantee first, then by the module's own order; undefined if it has no place. */
  #place(id: FrameworkId, framework: Framework): readonly number[] | undefined {
    const offered = unreserved(this.held(({ frameworkId }) => frameworkId === id, this.offers));
    const used = unreserved(this.held(({ frameworkId }) => frameworkId === id, this.tasks));
    if (!framework.needs) return undefined;
    const { unansweredMax = 1 } = this.options;
    if (unansweredMax < 1 && dominantShare(offered, this.cluster) >= unansweredMax) return undefined;
    const held = add(offered, used);
    const isBelow = contains(framework.guarantee, used) && !contains(held, framework.guarantee);
    const share = dominantShare(held, this.cluster) / this.#weightOf(framework.role);
    return [isBelow ? 0 : 1, ...(this.rank?.(framework, share) ?? [])];
  }

  #weightOf(role: string): number {
    return this.weights.get(role) ?? this.options.weights?.[role] ?? 1;
  }

  /** Who comes before the one that was served has refused or filters what was on offer. */
  #nobodyWasPassedOver(grant: Grant): void {
    const served = this.frameworks.get(grant.frameworkId);
    const place = served && this.#place(grant.frameworkId, served);
    if (place === undefined) return assert.unreachable(`it has no place: ${JSON.stringify(grant)}`);
    for (const [id, framework] of this.frameworks) {
      const other = this.#place(id, framework);
      if (id === grant.frameworkId || other === undefined) continue;
      const index = other.findIndex((value, n) => Math.abs(value - (place[n] ?? 0)) > 1e-9);
      if (index < 0 || (other[index] ?? 0) > (place[index] ?? 0)) continue;
      // What was on offer was more than what was granted, if a quota has cut it.
      const onOffer = this.options.shortTasks === undefined ? this.freeOf(grant.slaveId) : grant.resources;
      const part = { ...grant, resources: this.partFor(framework.role, onOffer) };
      assert.ok(
        !this.#admits(framework, part) || framework.refused.has(`${grant.slaveId} ${grant.pool}`),
        `${id} was passed over for ${JSON.stringify(grant)}`,
      );
    }
  }

  revoke(): void {
    const used = (id: FrameworkId): Resources =>
      unreserved(this.held(({ frameworkId }) => frameworkId === id, this.tasks));
    const willUse = (id: FrameworkId): Resources =>
      unreserved(
        this.held(
          ({ frameworkId }) => frameworkId === id,
          this.tasks.filter(({ isEnding }) => !isEnding),
        ),
      );
    for (const { taskId, frameworkId, forFrameworkId } of this.module.revoke(this.nowMs, (id) =>
      this.tasks.filter((task) => task.frameworkId === id),
    )) {
      const index = this.tasks.findIndex((task) => task.taskId === taskId);
      const task = this.tasks[index];
      if (task === undefined) return assert.unreachable(`${taskId} is revoked and unknown`);
      assert.is(task.frameworkId, frameworkId);
      assert.not(task.isEnding, 'revoked twice');
      assert.is(task.pool, 'any');
      assert.not(contains(this.frameworks.get(frameworkId)?.guarantee ?? NOTHING, willUse(frameworkId)));
      const claimant = this.frameworks.get(forFrameworkId);
      assert.ok(claimant?.needs);
      assert.not(
        contains(used(forFrameworkId), claimant?.guarantee ?? NOTHING),
        'it has what it is guaranteed',
      );
      const lacking = this.partFor(
        claimant?.role ?? '',
        subtract(
          claimant?.guarantee ?? NOTHING,
          common(
            unreserved(this.held((holding) => holding.frameworkId === forFrameworkId)),
            claimant?.guarantee ?? NOTHING,
          ),
        ),
      );
      assert.not(isEmpty(lacking), 'its quota has no room for what it lacks');
      this.tasks[index] = { ...task, isEnding: true };
    }
    const wakeMs = this.module.nextWakeMs();
    assert.ok(wakeMs === undefined || wakeMs > this.nowMs, 'it would be woken for ever');
  }

  check(): void {
    for (const [id, { total }] of this.slaves) {
      const held = this.held(({ slaveId }) => slaveId === id);
      assert.ok(contains(total, held), `${id} is overcommitted: ${format(held)} of ${format(total)}`);
    }
    for (const id of this.frameworks.keys()) {
      const held = unreserved(this.held(({ frameworkId }) => frameworkId === id));
      const told = this.module.held(id);
      assert.ok(
        contains(held, told) && contains(told, held),
        `${id} has ${format(held)}, not ${format(told)}`,
      );
      assertSame(
        this.module.guaranteeOf(id),
        this.frameworks.get(id)?.guarantee ?? NOTHING,
        `guaranteed ${id}`,
      );
    }
  }

  /** Once everybody wants everything, no slave has anything free for long. */
  nothingIsForgotten(): void {
    for (const id of this.slaves.keys()) this.activate(id, true);
    for (const id of this.frameworks.keys()) {
      this.filter(id, []);
      this.needs(id, true);
    }
    for (const role of [...this.quotas.keys()]) this.setQuota(role, undefined);
    this.clear(() => true);
    this.check();
    for (let before = -1; before < this.tasks.length; ) {
      before = this.tasks.length;
      this.nowMs += 1_000;
      this.allocate();
      this.revoke();
      for (const offer of [...this.offers]) {
        this.module.used(offer);
        this.run(offer);
      }
      this.offers.length = 0;
      this.check();
    }
    for (const { role } of this.frameworks.values())
      for (const id of this.slaves.keys()) {
        const left = this.partFor(role, this.freeOf(id));
        assert.ok(
          isEmpty(left) || !this.isEnough(role, left),
          `${format(left)} of ${id} is free, and nobody of ${role} has it`,
        );
      }
  }
}
