import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decode, encode } from './codec.ts';
import { FrameworkInfo, Resource, TaskInfo } from './entities.ts';
import * as executor from './executor.ts';
import { fromJson, MalformedError, toJson } from './json.ts';
import { fromProtobuf, toProtobuf } from './protobuf.ts';
import * as scheduler from './scheduler.ts';
import type { Message } from './schema.ts';
import { valuesOf } from './testValues.ts';

const test = suite('the codecs of the v1 API');

const MESSAGES: Readonly<Record<string, Message>> = {
  'scheduler call': scheduler.Call,
  'scheduler event': scheduler.Event,
  'executor call': executor.Call,
  'executor event': executor.Event,
};

for (const [name, message] of Object.entries(MESSAGES)) {
  test(`a ${name} survives both forms`, () => {
    fc.assert(
      fc.property(valuesOf(message), (value) => {
        assert.equal(fromProtobuf(message, toProtobuf(message, value as never)), value);
        assert.equal(fromJson(message, JSON.parse(toJson(value))), value);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  test(`what is cut off or changed in a ${name} is malformed or read as something else, and nothing worse`, () => {
    fc.assert(
      fc.property(
        valuesOf(message),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
        fc.nat(),
        (value, changes, cut) => {
          const bytes = Buffer.from(toProtobuf(message, value as never));
          for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
          const part = bytes.subarray(0, cut % (bytes.length + 1));
          try {
            fromProtobuf(message, part);
          } catch (error) {
            assert.instance(error, MalformedError);
          }
        },
      ),
      { numRuns: 500, seed: 1 },
    );
  });
}

test('a map is read in time that goes with its size, whatever its keys', () => {
  const names = Array.from({ length: 40_000 }, (_, n) => `role-${n}`);
  const wanted = ['__proto__', 'constructor', ...names];
  const entries = wanted.map((name) => Buffer.from(toProtobuf(FrameworkInfo, oneFilter(name)).subarray(6)));
  const bytes = Buffer.concat([toProtobuf(FrameworkInfo, { user: 'root', name: 'x' }), ...entries]);
  const { offer_filters = {} } = fromProtobuf(FrameworkInfo, bytes);
  assert.equal(Object.keys(offer_filters), wanted);
});

/** A framework with one entry of a map, which stands behind its user and name. */
const oneFilter = (role: string) => ({
  user: 'r',
  name: 'n',
  ...JSON.parse(`{"offer_filters":{${JSON.stringify(role)}:{}}}`),
});

test('any JSON is a message or malformed', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      try {
        fromJson(scheduler.Call, JSON.parse(json));
      } catch (error) {
        assert.instance(error, MalformedError);
      }
    }),
    { numRuns: 500, seed: 1 },
  );
});

const info = { user: 'root', name: 'demo' };

test('unknown fields are passed over, and null is absent', () => {
  assert.equal(fromJson(FrameworkInfo, { ...info, id: null, colour: 'red', roles: null }), info);
});

test('numbers and truth values may be text, and one value may stand for a list', () => {
  const read = fromJson(FrameworkInfo, {
    ...info,
    failover_timeout: '7.5',
    checkpoint: 'true',
    roles: 'gold',
  });
  assert.equal(read, { ...info, failover_timeout: 7.5, checkpoint: true, roles: ['gold'] });
  assert.is(fromJson(FrameworkInfo, { ...info, failover_timeout: 'Infinity' }).failover_timeout, Infinity);
});

test('an unknown name of an enum is absent where it may be, and an error where it may not', () => {
  assert.equal(fromJson(FrameworkInfo, { ...info, capabilities: [{ type: 'FLYING' }] }).capabilities, [{}]);
  assert.throws(() => fromJson(Resource, { name: 'cpus', type: 'LOTS' }), /Resource\.type/);
});

test('a field that must be there is named when it is not', () => {
  assert.throws(() => fromJson(FrameworkInfo, { user: 'root' }), /Not initialized: FrameworkInfo\.name/);
  assert.throws(
    () => fromProtobuf(FrameworkInfo, Buffer.of(10, 1, 97)),
    /Not initialized: FrameworkInfo\.name/,
  );
});

test('the wrong kind of value is named with its place', () => {
  const task = { name: 't', task_id: { value: 7 }, agent_id: { value: 's' } };
  assert.throws(() => fromJson(TaskInfo, task), /Expecting TaskInfo\.task_id\.value to be text, not 7/);
  assert.throws(() => fromJson(TaskInfo, [1]), /Expecting TaskInfo to be an object, not \[1\]/);
});

test('JSON is one line of ASCII, whatever is in it', () => {
  const json = `${encode(FrameworkInfo, 'application/json', { user: 'rööt', name: 'a\nb😀' })}`;
  assert.match(json, /^[\u0020-\u007e]+$/);
  assert.equal(JSON.parse(json), { user: 'rööt', name: 'a\nb😀' });
});

test('what cannot be read says what it was to be', () => {
  const read = (type: 'application/json' | 'application/x-protobuf', body: string) => () =>
    decode(scheduler.Call, type, Buffer.from(body), 'Call');
  assert.throws(read('application/json', 'hello'), /^Failed to parse body into JSON: /);
  assert.throws(read('application/json', '7'), /^Failed to convert JSON into Call protobuf: /);
  assert.throws(read('application/x-protobuf', 'hello'), /^Failed to parse body into Call protobuf: /);
});

test.run();
