/** The lease against a model of what servers know: it never outlasts the session. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sessionLease } from './lease.ts';

const TIMEOUT_MS = 1_000;
/** For clocks of different speed, and late timers; the model has neither. */
const SPARE_MS = 100;

/**
 * A client, the server that it talks to, and the leader of the ensemble, who hears of the client only by what the server tells
 * him every half tick, until server and leader are cut off from each other.
 */
interface World {
  /** At most half the timeout. */
  readonly tickMs: number;
  /** When the first report to the leader is due. */
  readonly phaseMs: number;
  /** How long the client does nothing after each answer: a heartbeat's interval, or longer if its process was stopped. */
  readonly pausesMs: readonly number[];
  /** From the client to the server, and back. */
  readonly delaysMs: readonly number[];
  readonly cutMs: number;
}

const world: fc.Arbitrary<World> = fc.record({
  tickMs: fc.oneof(fc.constant(TIMEOUT_MS / 2), fc.integer({ min: 10, max: TIMEOUT_MS / 2 })),
  phaseMs: fc.nat(TIMEOUT_MS / 4),
  pausesMs: fc.array(fc.oneof({ weight: 3, arbitrary: fc.nat(200) }, fc.nat(900)), {
    minLength: 1,
    maxLength: 15,
  }),
  delaysMs: fc.array(fc.oneof(fc.constant(0), fc.nat(150)), { minLength: 1, maxLength: 10 }),
  cutMs: fc.nat(4_000),
});

/** Runs the client until the cut. When its lease ends by what it was answered, and when the leader ends the session. */
function run({ tickMs, phaseMs, pausesMs, delaysMs, cutMs }: World): { lease: number; session: number } {
  const lease = sessionLease(TIMEOUT_MS);
  lease.accepted(0);
  /** When the server received something from the client. */
  const receivedMs = [0];
  let now = 0;
  for (const [index, pauseMs] of pausesMs.entries()) {
    const sentMs = now + pauseMs;
    const atServerMs = sentMs + (delaysMs[index % delaysMs.length] ?? 0);
    receivedMs.push(atServerMs);
    // The leader answers without delay. What is sent to him after the cut, he never answers.
    if (atServerMs > cutMs) break;
    now = atServerMs + (delaysMs[(index + 1) % delaysMs.length] ?? 0);
    if (now >= lease.untilMs) break;
    lease.synced(sentMs, now);
  }
  let heardMs = 0;
  for (let reportMs = phaseMs; reportMs <= cutMs; reportMs += tickMs / 2)
    heardMs = Math.max(heardMs, ...receivedMs.filter((ms) => ms <= reportMs));
  return { lease: lease.untilMs, session: heardMs + TIMEOUT_MS };
}

test('the lease ends before the session does, whenever the server is cut off from its leader', () => {
  fc.assert(
    fc.property(world, (given) => {
      const { lease, session } = run(given);
      assert.ok(lease + SPARE_MS <= session, `the lease ends at ${lease}, the session at ${session}`);
    }),
    { numRuns: 20_000 },
  );
});

test('a client that is heard regularly always has a good part of the timeout left', () => {
  const lease = sessionLease(TIMEOUT_MS);
  lease.accepted(0);
  for (let sentMs = 0; sentMs < 10_000; sentMs += TIMEOUT_MS / 10) {
    assert.ok(lease.untilMs - sentMs >= TIMEOUT_MS / 3, `${lease.untilMs - sentMs} left at ${sentMs}`);
    lease.synced(sentMs, sentMs + 5);
  }
});

test('answers do not lengthen it by what they could have been late', () => {
  const lease = sessionLease(TIMEOUT_MS);
  lease.accepted(0);
  const before = lease.untilMs;
  lease.synced(100, 600);
  assert.is(lease.untilMs, before);
});

test.run();
