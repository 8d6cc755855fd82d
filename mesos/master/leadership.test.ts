import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fair } from '../allocation/fair.ts';
import type { CandidateEvents, Election, Leadership } from '../election/election.ts';
import type { FrameworkInfo, MasterInfo } from '../protocol/entities.ts';
import type { HistoryLine } from '../protocol/history.ts';
import { MASTER_INBOX } from '../protocol/message.ts';
import type { SchedulerCall, SchedulerEvent } from '../protocol/scheduler.ts';
import { VirtualCluster } from '../runtime/virtual.ts';
import { master } from './master.ts';
import { MASTER_DEFAULTS } from './options.ts';
import type { MasterWindow } from './window.ts';

/** An election whose outcome the test decides. */
function scriptedElection() {
  let leads = false;
  let candidate: CandidateEvents | undefined;
  let tell = (_: Leadership): void => {};
  const stands: MasterInfo[] = [];
  const election: Election = {
    follow(changed) {
      tell = changed;
      return { stop() {} };
    },
    stand(info, events) {
      stands.push(info);
      candidate = events;
      return {
        leads: () => leads,
        withdraw() {
          leads = false;
          candidate = undefined;
        },
      };
    },
  };
  return {
    election,
    stands,
    elect(isFirst?: boolean) {
      leads = true;
      candidate?.elected(isFirst);
    },
    /** Another could lead from now on; the candidate has not been told. */
    expire() {
      leads = false;
    },
    depose() {
      leads = false;
      candidate?.deposed('its session expired');
    },
    tell: (leadership: Leadership) => tell(leadership),
  };
}

/** A master in an election, and somebody who calls it. */
function testMaster(stopping?: AbortSignal) {
  let window: MasterWindow | undefined;
  const history: HistoryLine[] = [];
  const virtual = new VirtualCluster({ seed: 1, history: (line) => history.push(line) });
  const script = scriptedElection();
  const address = virtual.process('m:5050').spawn(
    'master',
    master({
      ...MASTER_DEFAULTS,
      allocation: fair(),
      election: script.election,
      opened: (opened) => {
        window = opened;
      },
      ...(stopping !== undefined && { stopping }),
    }),
  );
  const received: SchedulerEvent[] = [];
  let send = (_: SchedulerCall): void => {};
  virtual.process('f:1').spawn<SchedulerEvent>('scheduler', {
    inbox: MASTER_INBOX,
    create: (context) => {
      send = (call) => context.send(address, call);
      return { receive: (event) => void received.push(event) };
    },
  });
  const pass = (ms: number): void => void virtual.run(() => false, virtual.now + ms);
  return {
    ...script,
    history,
    pass,
    isFirst: () => window?.isFirst,
    /** The types of what comes back when the scheduler subscribes. */
    subscribe: (more: Partial<FrameworkInfo> = {}): readonly SchedulerEvent[] => {
      received.length = 0;
      send({ type: 'SUBSCRIBE', frameworkInfo: { user: 'test', name: 'one', ...more } });
      pass(10);
      return received.filter(({ type }) => type !== 'HEARTBEAT');
    },
    received,
  };
}

const types = (events: readonly { type: string }[]): readonly string[] => events.map(({ type }) => type);

test('a scheduler that remembers only now who it is leaves the framework that it was made meanwhile', () => {
  const { elect, subscribe, history } = testMaster();
  elect();
  subscribe();
  const id = 'former-0000';
  assert.equal(types(subscribe({ id })), ['SUBSCRIBED']);
  assert.equal(
    history.flatMap((line) => (line.event === 'framework-removed' ? [line.reason] : [])),
    ['its scheduler is gone'],
  );
});

test('a standby sends those who ask to the leader, if it knows one', () => {
  const { subscribe, tell } = testMaster();
  assert.equal(subscribe(), [{ type: 'REDIRECT' }]);
  tell({ is: 'held', master: 'master@other:5050' });
  assert.equal(subscribe(), [{ type: 'REDIRECT', leader: 'master@other:5050' }]);
  tell({ is: 'unknown' });
  assert.equal(subscribe(), [{ type: 'REDIRECT' }]);
});

test('a master leads from its election until it is deposed, and then stands again under another id', () => {
  const { subscribe, elect, depose, stands, history, pass } = testMaster();
  elect();
  assert.equal(types(subscribe()), ['SUBSCRIBED']);
  depose();
  assert.equal(types(subscribe()), ['REDIRECT']);
  pass(1_000);
  assert.is(stands.length, 2);
  assert.is.not(stands[0]?.id, stands[1]?.id);
  elect();
  const [welcome] = subscribe();
  assert.is(welcome?.type === 'SUBSCRIBED' && welcome.masterInfo.id, stands[1]?.id);
  assert.equal(
    history.map(({ event }) => event).filter((event) => event.startsWith('master-')),
    ['master-elected', 'master-deposed', 'master-elected'],
  );
});

test('a master knows that nobody led before it where the election says so, and it has seen no other, nor led itself', () => {
  const first = testMaster();
  assert.is(first.isFirst(), false);
  first.tell({ is: 'vacant' });
  // It may hear of itself before it knows.
  first.tell({ is: 'held', master: 'master@m:5050', masterId: first.stands[0]?.id ?? '' });
  first.elect(true);
  assert.is(first.isFirst(), true);
  first.depose();
  assert.is(first.isFirst(), false);
  first.pass(1_000);
  first.elect(true);
  assert.is(first.isFirst(), false);
  const next = testMaster();
  next.tell({ is: 'held', master: 'master@other:5050', masterId: 'A' });
  next.tell({ is: 'vacant' });
  next.elect(true);
  assert.is(next.isFirst(), false);
  const untold = testMaster();
  untold.elect();
  assert.is(untold.isFirst(), false);
});

test('a master that stands by notes when the one that led is gone, and nothing of its own', () => {
  const { tell, elect, depose, history, pass } = testMaster();
  const lost = () => history.flatMap((line) => (line.event === 'leader-lost' ? [line.masterId] : []));
  tell({ is: 'held', master: 'master@other:5050', masterId: 'A' });
  tell({ is: 'unknown' });
  tell({ is: 'held', master: 'master@other:5050', masterId: 'A' });
  assert.equal(lost(), []);
  tell({ is: 'vacant' });
  assert.equal(lost(), ['A']);
  tell({ is: 'held', master: 'master@third:5050', masterId: 'B' });
  tell({ is: 'unknown' });
  tell({ is: 'held', master: 'master@m:5050', masterId: 'C' });
  assert.equal(lost(), ['A', 'B']);
  elect();
  depose();
  tell({ is: 'vacant' });
  pass(10);
  assert.equal(lost(), ['A', 'B']);
});

test('a leader whose time is up acts no more, though it has not been told that it is deposed', () => {
  const { subscribe, elect, expire, history, pass, received, stands } = testMaster();
  elect();
  subscribe();
  expire();
  received.length = 0;
  // Its next heartbeat would be due.
  pass(60_000);
  assert.equal(received, []);
  assert.equal(types(subscribe()), ['REDIRECT']);
  assert.is(history.filter(({ event }) => event === 'master-deposed').length, 1);
  // Its session may live after all: it has withdrawn, so as not to keep others from leading, and stands again.
  assert.is(stands.length, 2);
});

test('a master that is told to end gives up leadership at once and does not stand again', () => {
  const ending = new AbortController();
  const { subscribe, elect, pass, stands } = testMaster(ending.signal);
  elect();
  ending.abort();
  assert.equal(types(subscribe()), ['REDIRECT']);
  pass(10_000);
  assert.is(stands.length, 1);
});

test.run();
