import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MalformedError } from '../v1/json.ts';
import { Unsupported } from '../v1/translate/refusal.ts';
import { acceptedType, refusing, requireGet } from './calls.ts';
import { Refusal, type Request } from './exchange.ts';

const test = suite('calls over HTTP');

const asked = (method: string, accept?: string): Request => ({
  method,
  path: '/',
  target: '/',
  query: new URLSearchParams(),
  headers: accept === undefined ? {} : { accept },
  principal: undefined,
  isLocal: true,
  body: async () => Buffer.alloc(0),
});

/** The status and the words of a refusal; other errors are thrown on. */
function refusal(run: () => unknown): string {
  try {
    run();
    return 'none';
  } catch (error) {
    if (error instanceof Refusal) return `${error.status} ${error.message}`;
    throw error;
  }
}

test('are answered in JSON where the client takes it among others, in protobuf where it takes only that', () => {
  for (const [accept, expected] of [
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['text/html, application/*;q=0.8', 'application/json'],
    ['application/x-protobuf, application/json', 'application/json'],
    ['text/html,application/x-protobuf ; q=1', 'application/x-protobuf'],
  ] as const)
    assert.is(acceptedType(asked('POST', accept)), expected);
  for (const accept of ['', 'text/html', 'application/jsonp'])
    assert.match(
      refusal(() => acceptedType(asked('POST', accept))),
      /^406 /,
    );
});

test('that only read are refused under methods that do not', () => {
  for (const method of ['GET', 'HEAD'])
    assert.is(
      refusal(() => requireGet(asked(method))),
      'none',
    );
  assert.match(
    refusal(() => requireGet(asked('POST'))),
    /^405 .*Expecting one of { 'GET', 'HEAD' }, but received 'POST'/,
  );
});

test('that are malformed, or ask for what there is not, are refused; a mistake of ours is none of theirs', () => {
  const failing = (error: Error): string =>
    refusal(() =>
      refusing(400, 'No: ', () => {
        throw error;
      }),
    );
  assert.is(failing(new MalformedError('odd')), '400 No: odd');
  assert.match(failing(new Unsupported('that')), /^400 No: .*that/);
  assert.throws(() => failing(new TypeError('a bug')), /^a bug$/);
});

test.run();
