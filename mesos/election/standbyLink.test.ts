import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Address } from '../runtime/actor.ts';
import { listening, silent, tidyUp, within } from '../runtime/testProbe.ts';
import type { Detector } from './election.ts';
import { standbyLink } from './standbyLink.ts';

test.after.each(tidyUp);

/** A detector that knows of the next master what the test says. */
function scriptedDetector(): Detector & { tellNext(master: Address | undefined): void } {
  let tell = (_: Address | undefined): void => {};
  const following = { stop() {} };
  return {
    follow: () => following,
    followNext(changed) {
      tell = changed;
      return following;
    },
    tellNext: (master) => tell(master),
  };
}

/** A process that keeps such a link, and a way to wait for the next one. */
async function linking() {
  const detector = scriptedDetector();
  let linked = Promise.withResolvers<string>();
  const wire = await silent({ onLink: (identity) => linked.resolve(identity) });
  wire.spawn('standby-link', standbyLink(detector, 20));
  return {
    detector,
    wire,
    nextLink: async (): Promise<string> => {
      const identity = await within('a link', linked.promise);
      linked = Promise.withResolvers();
      return identity;
    },
  };
}

test('the process is linked with the master that leads next before that leads, and with whoever is next after it', async () => {
  const { detector, nextLink } = await linking();
  for (const _ of ['first', 'second']) {
    const master = await listening();
    detector.tellNext(master.address('master'));
    assert.is(await nextLink(), master.identity);
  }
});

test('when the link is lost, it is made again as long as that master is next', async () => {
  const { detector, nextLink } = await linking();
  const master = await listening();
  const port = Number(master.identity.split(':').at(-1));
  detector.tellNext(master.address('master'));
  await nextLink();
  await master.close();
  const again = await listening({ listen: { host: '127.0.0.1', port } });
  assert.is(await nextLink(), again.identity);
});

test('a master that is not next any more, before its time has come, is left alone', async () => {
  const { detector, wire, nextLink } = await linking();
  const [first, second] = [await listening(), await listening()];
  detector.tellNext(first.address('master'));
  detector.tellNext(undefined);
  detector.tellNext(second.address('master'));
  assert.is(await nextLink(), second.identity);
  assert.is(wire.stats().links, 1);
});

test.run();
