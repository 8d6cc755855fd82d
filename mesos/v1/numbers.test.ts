/** Holds our description of the messages against the `.proto` file that another client brings. */
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as entities from './entities.ts';
import * as executor from './executor.ts';
import * as scheduler from './scheduler.ts';
import type { Message } from './schema.ts';

const test = suite('the numbers of the v1 API');

const FOLDER = new URL('../../node_modules/mesos-framework/proto/0.28.2/', import.meta.url);
const root = new protobuf.Root();
for (const file of ['mesos.proto', 'scheduler.proto', 'executor.proto'])
  protobuf.parse(readFileSync(new URL(file, FOLDER), 'utf8'), root, { keepCase: true });

root.resolveAll();

function* messagesIn(message: Message, seen = new Set<Message>()): Iterable<Message> {
  if (seen.has(message)) return;
  seen.add(message);
  yield message;
  for (const { type } of Object.values(message.fields))
    if (typeof type === 'object' && type.kind === 'message') yield* messagesIn(type, seen);
}

/** Of numbers with the same form on the wire, theirs were of other widths in earlier versions. */
const kindOf = (type: string): string => type.replace(/^u?int(32|64)$/, 'integer');

function compare(message: Message, prefixes: readonly string[]): number {
  let compared = 0;
  for (const own of messagesIn(message)) {
    const theirs = prefixes
      .map((prefix) => {
        try {
          return root.lookupType(`${prefix}.${own.name}`);
        } catch {
          return undefined;
        }
      })
      .find((found) => found !== undefined);
    if (theirs === undefined) continue;
    for (const [name, field] of Object.entries(own.fields)) {
      const their = theirs.fields[name];
      if (their === undefined) continue;
      compared++;
      const where = `${own.name}.${name}`;
      assert.is(field.number, their.id, `${where} has the number ${their.id}`);
      assert.is(field.rule === 'repeated', their.repeated, `${where} is a list, or not`);
      const { type } = field;
      if (typeof type === 'string')
        assert.is(kindOf(type), kindOf(their.type), `${where} is of type ${their.type}`);
      their.resolve();
      if (typeof type === 'object' && type.kind === 'enum' && their.resolvedType instanceof protobuf.Enum)
        for (const [value, number] of Object.entries(type.numbers))
          if (their.resolvedType.values[value] !== undefined)
            assert.is(number, their.resolvedType.values[value], `${where}: ${value}`);
    }
  }
  return compared;
}

test('are those of another client, as far as it knows the messages', () => {
  const compared =
    compare(scheduler.Call, ['mesos.scheduler', 'mesos']) +
    compare(scheduler.Event, ['mesos.scheduler', 'mesos']) +
    compare(executor.Call, ['mesos.executor', 'mesos']) +
    compare(executor.Event, ['mesos.executor', 'mesos']);
  assert.ok(compared > 120, `${compared} fields were compared`);
  assert.ok(entities.TaskState.numbers.TASK_STAGING === 6);
});

test.run();
