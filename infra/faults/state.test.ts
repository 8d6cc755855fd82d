/** The life of faults, whatever is asked of them in whatever order. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ActiveFault, Fault } from '../fault.ts';
import type { Effect } from './effect.ts';
import { type Faults, faultsWith } from './faults.ts';
import { type FaultState, type FaultStep, next } from './state.ts';

const STATES: readonly FaultState[] = ['idle', 'injecting', 'active', 'healing', 'healed'];
const STEPS: readonly FaultStep[] = ['inject', 'injected', 'heal', 'healed', 'heal-failed'];

test('a fault takes five steps, and no other', () => {
  const taken = STATES.flatMap((state) =>
    STEPS.flatMap((step) => {
      try {
        return [`${state} ${step}: ${next(state, step)}`];
      } catch {
        return [];
      }
    }),
  );
  assert.equal(taken, [
    'idle inject: injecting',
    'injecting injected: active',
    'active heal: healing',
    'healing healed: healed',
    'healing heal-failed: active',
  ]);
  assert.throws(() => next('healed', 'inject'), /a fault that is healed takes no step 'inject'/);
});

/** Lamps that are on while their fault is active. Each does as its machine's name says. */
function lamps() {
  const on: string[] = [];
  const log: string[] = [];
  const failedOnce = new Set<string>();
  const effect = (fault: Fault): Effect => {
    const name = fault.kind === 'off' ? fault.machine : '';
    return {
      lacking: async () => undefined,
      async inject() {
        await turns(name);
        on.push(name);
        log.push(`on ${name}`);
        if (name.includes('halfway')) throw new Error('half-way');
      },
      unseen: async () => undefined,
      async heal() {
        await turns(name);
        if (name.includes('stuck') && !failedOnce.has(name)) {
          failedOnce.add(name);
          throw new Error('stuck');
        }
        on.splice(on.indexOf(name), 1);
        log.push(`off ${name}`);
      },
      remaining: async () => (on.includes(name) ? 'still on' : undefined),
      ...{ visibleWithinMs: 0, recoveredWithinMs: 0 },
    };
  };
  return { on, log, effect };
}

/** Some turns of the event loop, as many as a name has letters. */
async function turns(name: string): Promise<void> {
  for (const _ of name) await Promise.resolve();
}

const manner = fc.constantFrom('', 'halfway', 'stuck', 'slow'.repeat(5));
const asked = fc.array(fc.constantFrom('heal', 'heal twice', 'visible', 'recovered', 'nothing'), {
  maxLength: 4,
});

test('whatever is asked of faults, each is on once and off once, and at the end none is on', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.record({ manner, asked }), { maxLength: 6 }), async (plan) => {
      const { on, log, effect } = lamps();
      const faults = faultsWith(effect);
      const work = plan.map(async ({ manner, asked }, index) => {
        const active = await faults.inject({ kind: 'off', machine: `${index}${manner}` });
        for (const each of asked) await ask(active, each).catch(() => {});
      });
      await Promise.allSettled(work);
      // One that is stuck is healed when it is asked again.
      await dispose(faults).catch(() => dispose(faults));
      assert.equal(on, []);
      const names = plan.map(({ manner }, index) => `${index}${manner}`);
      for (const name of names)
        assert.equal(
          log.filter((line) => line.endsWith(` ${name}`)),
          [`on ${name}`, `off ${name}`],
        );
    }),
  ));

async function dispose(faults: Faults): Promise<void> {
  await faults[Symbol.asyncDispose]();
}

async function ask(active: ActiveFault, what: string): Promise<void> {
  if (what === 'heal') await active.heal();
  if (what === 'heal twice') await Promise.all([active.heal(), active.heal()]);
  if (what === 'visible') await active.visible();
  if (what === 'recovered') await active.recovered();
}

test('faults are healed in reverse order, also one that is just being injected', async () => {
  const { log, effect } = lamps();
  const faults = faultsWith(effect);
  await faults.inject({ kind: 'off', machine: 'a' });
  await faults.inject({ kind: 'off', machine: 'b' });
  const slow = faults.inject({ kind: 'off', machine: 'slowly' });
  await faults[Symbol.asyncDispose]();
  await slow;
  assert.equal(log, ['on a', 'on b', 'on slowly', 'off slowly', 'off b', 'off a']);
});

test('what comes too early or too late is refused in a sentence', async () => {
  const { effect } = lamps();
  const faults = faultsWith(effect);
  const active = await faults.inject({ kind: 'off', machine: 'node1' });
  await refused(active.recovered(), 'a fault that is active cannot recover');
  await active.heal();
  await active.heal();
  await active.recovered();
  await refused(active.visible(), 'a fault that is healed cannot become visible');
  await faults[Symbol.asyncDispose]();
  await refused(faults.inject({ kind: 'off', machine: 'node1' }), 'off of node1: the run has ended');
});

test('a fault that cannot be injected is healed, and says why', async () => {
  const { on, effect } = lamps();
  const faults = faultsWith(effect);
  await refused(
    faults.inject({ kind: 'off', machine: 'halfway' }),
    'off of halfway: it cannot be injected: half-way',
  );
  assert.equal(on, []);
});

async function refused(work: Promise<unknown>, message: string): Promise<void> {
  const said = await work.then(
    () => 'it was done',
    (error: Error) => error.message,
  );
  assert.is(said, message);
}

test.run();
