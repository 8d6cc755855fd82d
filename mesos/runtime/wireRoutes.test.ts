import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Peer } from './link/peer.ts';
import { WireRoutes } from './wireRoutes.ts';

const peer = (identity: string): Peer => ({ identity }) as Peer;

test('a peer that leaves takes its own routes with it, and no others', () => {
  const routes = new WireRoutes();
  const [leaving, staying] = [peer('leaving:1'), peer('staying:1')];
  routes.add('a@leaving:1', { name: 'a', to: leaving });
  routes.add('b@leaving:1', { name: 'b', to: leaving });
  routes.add('a@staying:1', { name: 'a', to: staying });
  routes.forget(leaving);
  const known = ['a@leaving:1', 'b@leaving:1', 'a@staying:1'].map((address) => routes.get(address)?.to);
  assert.equal(known, [undefined, undefined, staying]);
});

test('after so many, all are worked out anew, and can be forgotten as before', () => {
  const routes = new WireRoutes();
  const to = peer('peer:1');
  for (let n = 0; n <= 200_000; n++) routes.add(`${n}@peer:1`, { name: String(n), to });
  assert.is(routes.get('0@peer:1'), undefined);
  assert.is(routes.get('200000@peer:1')?.to, to);
  routes.forget(to);
  assert.is(routes.get('200000@peer:1'), undefined);
});

test.run();
