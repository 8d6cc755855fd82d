import { PassThrough } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { progressDisplay } from './progress.ts';

/** What a display writes to a pipe. */
function said(use: (display: ReturnType<typeof progressDisplay>) => void): string {
  const stream = new PassThrough({ encoding: 'utf8' });
  use(progressDisplay(stream as unknown as NodeJS.WriteStream));
  return String(stream.read());
}

test('parts that end are counted', () => {
  const text = said((display) => {
    display.expect(2);
    display.start('one').end('done');
    display.start('two').end('failed');
  });
  assert.is(text, '[1/2] one: done\n[2/2] two: failed\n');
});

test('parts that are expected later are counted with the others', () => {
  const text = said((display) => {
    display.expect(2);
    display.start('one').end('done');
    display.expect(1);
    display.start('two').end('done');
    display.start('three').end('done');
  });
  assert.is(text, '[1/2] one: done\n[2/3] two: done\n[3/3] three: done\n');
});

test('what was stopped is still to be done: it is told, and not counted', () => {
  const text = said((display) => {
    display.expect(2);
    const [one, two] = [display.start('one'), display.start('two')];
    one.end('done');
    two.stop();
  });
  assert.is(text, '[1/2] one: done\ntwo: stopped\n');
});

test.run();
