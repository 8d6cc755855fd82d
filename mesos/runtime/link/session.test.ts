import { once } from 'node:events';
import { connect } from 'node:http2';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { endLater, listening, tidyUp, within } from '../testProbe.ts';
import { rawHello } from '../testRawPeer.ts';
import { writeHello } from './hello.ts';
import { EXCHANGE } from './link.ts';
import { WINDOW_BYTES } from './session.ts';

test.after.each(tidyUp);

test('the window is widened for whoever has a link; a stranger may send no more than HTTP/2 allows', async () => {
  const wire = await listening();
  const session = connect(`http://${wire.identity}`);
  endLater(() => session.destroy());
  await within('the settings for strangers', once(session, 'remoteSettings'));
  assert.is(session.remoteSettings.initialWindowSize, 65_535);
  const call = session.request({
    ...writeHello(rawHello()),
    ...{ ':method': 'POST', ':path': EXCHANGE, 'content-type': 'application/grpc', te: 'trailers' },
  });
  call.on('error', () => {});
  await within('the settings for a link', once(session, 'remoteSettings'));
  assert.is(session.remoteSettings.initialWindowSize, WINDOW_BYTES);
});

test.run();
