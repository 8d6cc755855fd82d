import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Leadership } from './election.ts';
import { followers } from './followers.ts';

const held = (master: string, masterId = '1'): Leadership => ({ is: 'held', master, masterId });

/** Followers of a source that the test tells what to tell. */
function start() {
  const sources: { tell: (leadership: Leadership, next?: string) => void; isOpen: boolean }[] = [];
  const shared = followers((tell) => {
    const source = { tell, isOpen: true };
    sources.push(source);
    return {
      close: async () => {
        source.isOpen = false;
      },
    };
  });
  return { shared, sources };
}

test('all share one source, which is open while anybody follows', async () => {
  const { shared, sources } = start();
  const following = [shared.follow(() => {}), shared.follow(() => {})];
  assert.is(sources.length, 1);
  following[0]?.stop();
  following[0]?.stop();
  assert.ok(sources[0]?.isOpen);
  following[1]?.stop();
  assert.not(sources[0]?.isOpen);
  shared.follow(() => {});
  assert.is(sources.length, 2);
  await shared.close();
  assert.not(sources[1]?.isOpen);
});

test('each is told every change once, and newcomers what is known, but not before they have followed', async () => {
  const { shared, sources } = start();
  const first: Leadership[] = [];
  shared.follow((leadership) => first.push(leadership));
  for (const leadership of [held('a'), held('a'), held('a', '2'), { is: 'vacant' }, held('b')] as const)
    sources[0]?.tell(leadership);
  assert.equal(first, [held('a'), held('a', '2'), { is: 'vacant' }, held('b')]);
  const second: Leadership[] = [];
  shared.follow((leadership) => second.push(leadership));
  assert.equal(second, []);
  await Promise.resolve();
  assert.equal(second, [held('b')]);
  assert.is(first.length, 4);
});

test('who is next is told only to those who ask for it, when it changes; to others it is no news', async () => {
  const { shared, sources } = start();
  const told: Leadership[] = [];
  const next: (string | undefined)[] = [];
  shared.follow((leadership) => told.push(leadership));
  const following = shared.followNext((master) => next.push(master));
  for (const [leader, after] of [['a'], ['a', 'b'], ['a', 'b'], ['b'], ['b', 'c']] as const)
    sources[0]?.tell(held(leader), after);
  assert.equal(told, [held('a'), held('b')]);
  assert.equal(next, ['b', undefined, 'c']);
  shared.followNext((master) => next.push(master));
  await Promise.resolve();
  assert.equal(next, ['b', undefined, 'c', 'c']);
  following.stop();
  sources[0]?.tell({ is: 'vacant' });
  assert.equal(next, ['b', undefined, 'c', 'c', undefined]);
  assert.is(sources.length, 1);
  await shared.close();
});

test('who has stopped is told nothing, not even what was on its way', async () => {
  const { shared, sources } = start();
  const told: Leadership[] = [];
  const first = shared.follow(() => second.stop());
  const second = shared.follow((leadership) => told.push(leadership));
  sources[0]?.tell(held('a'));
  shared.follow((leadership) => told.push(leadership)).stop();
  await Promise.resolve();
  first.stop();
  sources[0]?.tell(held('b'));
  assert.equal(told, []);
});

test('what a newcomer is told is not looked at again for those who know it: there may be thousands', async () => {
  const { shared, sources } = start();
  let looks = 0;
  const follow = (): unknown => shared.follow(() => {});
  follow();
  sources[0]?.tell({
    is: 'held',
    master: 'a',
    get masterId() {
      looks++;
      return '1';
    },
  });
  for (let n = 0; n < 100; n++) follow();
  await Promise.resolve();
  assert.is(looks, 0);
  await shared.close();
});

test.run();
