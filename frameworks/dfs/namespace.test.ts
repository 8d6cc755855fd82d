import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { stepsOf } from './dfsPath.ts';
import { DfsError } from './dfsRefusal.ts';
import type { Edit, FileBlock } from './edits.ts';
import { Namespace } from './namespace.ts';
import { editsArbitrary } from './testEdits.ts';

const SETTINGS = { blockBytes: 64, replication: 3 };
const block = (id: string): FileBlock => ({ id, bytes: 10, crc32: 7 });

function write(namespace: Namespace, path: string, blocks: readonly string[] = [], overwrite = false): void {
  const writer = `w-${path.replaceAll('/', '-')}`;
  namespace.apply({ edit: 'create', writer, path, ...SETTINGS, overwrite });
  for (const id of blocks) namespace.apply({ edit: 'add', writer, block: block(id) });
  namespace.apply({ edit: 'complete', writer, modifiedMs: 5 });
}

const paths = (namespace: Namespace): readonly string[] => [...namespace.files()].map(([path]) => path);

function refusal(run: () => unknown): DfsError {
  try {
    run();
  } catch (error) {
    assert.instance(error, DfsError);
    return error as DfsError;
  }
  throw new Error('it was not refused');
}

test('a file is there when it is complete, and not before', () => {
  const namespace = new Namespace();
  namespace.apply({ edit: 'create', writer: 'w', path: '/a/b', ...SETTINGS, overwrite: false });
  namespace.apply({ edit: 'add', writer: 'w', block: block('x') });
  assert.is(namespace.find('/a/b'), undefined);
  assert.is(namespace.find('/a'), undefined);
  namespace.apply({ edit: 'complete', writer: 'w', modifiedMs: 5 });
  const found = namespace.find('/a/b/');
  assert.is(found?.type === 'file' && found.bytes, 10);
  assert.equal(namespace.size, { files: 1, bytes: 10, blocks: 1 });
});

test('a file that replaces another frees its blocks, and only when it is complete', () => {
  const namespace = new Namespace();
  write(namespace, '/f', ['x']);
  namespace.apply({ edit: 'create', writer: 'w', path: '/f', ...SETTINGS, overwrite: true });
  namespace.apply({ edit: 'add', writer: 'w', block: block('y') });
  assert.equal(
    [...namespace.files()].map(([, { blocks }]) => blocks[0]?.id),
    ['x'],
  );
  assert.equal(namespace.apply({ edit: 'complete', writer: 'w', modifiedMs: 6 }).freed, ['x']);
  assert.equal(namespace.size, { files: 1, bytes: 10, blocks: 1 });
  assert.is(refusal(() => write(namespace, '/f')).kind, 'exists');
});

test('of two writers of one path the first to complete it has it', () => {
  const namespace = new Namespace();
  for (const writer of ['w1', 'w2'])
    namespace.apply({ edit: 'create', writer, path: '/f', ...SETTINGS, overwrite: false });
  namespace.apply({ edit: 'complete', writer: 'w2', modifiedMs: 5 });
  assert.is(refusal(() => namespace.apply({ edit: 'complete', writer: 'w1', modifiedMs: 6 })).kind, 'exists');
  assert.equal(namespace.apply({ edit: 'abandon', writer: 'w1' }).freed, []);
});

test('folders come and go with what is in them', () => {
  const namespace = new Namespace();
  write(namespace, '/a/b/c', ['x']);
  write(namespace, '/a/d', ['y']);
  assert.is(refusal(() => write(namespace, '/a/b')).message, "'/a/b' is a folder; choose another name.");
  assert.is(refusal(() => write(namespace, '/a/d/e')).message, "'/a/d' is a file; nothing can be in it.");
  namespace.apply({ edit: 'rename', from: '/a/b', to: '/z' });
  assert.equal(paths(namespace), ['/a/d', '/z/c']);
  assert.equal(namespace.apply({ edit: 'remove', path: '/a' }).freed, ['y']);
  assert.is(namespace.find('/a'), undefined);
  assert.is(refusal(() => namespace.apply({ edit: 'remove', path: '/a' })).kind, 'absent');
  for (const to of ['/z', '/z/c', '/z/y'])
    assert.ok(
      refusal(() => namespace.apply({ edit: 'rename', from: '/z', to })),
      to,
    );
});

test('paths lead nowhere else', () => {
  assert.equal(stepsOf('/'), []);
  assert.equal(stepsOf('/a b/ü/'), ['a b', 'ü']);
  for (const bad of [
    '',
    'a',
    '//',
    '/a//b',
    '/..',
    '/a/./b',
    '/a\n',
    `/${'x'.repeat(256)}`,
    `/${'a/'.repeat(65)}`,
  ])
    assert.is(refusal(() => stepsOf(bad)).kind, 'invalid', bad);
});

test('a folder is not moved where what is in it would have no path', () => {
  const namespace = new Namespace();
  const deep = `/a${'/b'.repeat(63)}`;
  const long = `/a/${'x'.repeat(250)}${`/${'y'.repeat(250)}`.repeat(15)}`;
  write(namespace, deep);
  write(namespace, long);
  for (const [from, to] of [
    ['/a/b', '/a/c/d'],
    [`/a/${'x'.repeat(250)}`, `/a/${'z'.repeat(255)}/${'z'.repeat(255)}/${'z'.repeat(255)}`],
  ] as const)
    assert.is(refusal(() => namespace.apply({ edit: 'rename', from, to })).kind, 'invalid', to);
  namespace.apply({ edit: 'rename', from: '/a/b', to: '/c/b' });
  assert.equal(paths(namespace), [long, `/c${deep.slice(2)}`]);
});

test('whatever happens, its own edits add up to the same namespace, and what is refused changes nothing', () => {
  fc.assert(
    fc.property(editsArbitrary, (edits) => {
      const namespace = new Namespace();
      const freed = new Set<string>();
      const wanted = new Set<string>();
      for (const edit of edits) {
        const before = JSON.stringify([...namespace.edits()]);
        try {
          const changes = namespace.apply(edit);
          for (const { block: each } of changes.wanted) wanted.add(each.id);
          for (const id of changes.freed) {
            assert.ok(wanted.delete(id), 'what is freed was wanted');
            freed.add(id);
          }
        } catch (error) {
          assert.instance(error, DfsError);
          assert.is(JSON.stringify([...namespace.edits()]), before);
        }
      }
      const again = new Namespace();
      for (const edit of namespace.edits()) again.apply(edit);
      assert.equal([...again.edits()], [...namespace.edits()]);
      assert.equal(again.size, namespace.size);
      assert.is(namespace.size.blocks, wanted.size);
      const files = [...namespace.files()];
      assert.is(namespace.size.files, files.length);
      assert.is(
        namespace.size.bytes,
        files.reduce((sum, [, { bytes }]) => sum + bytes, 0),
      );
    }),
    { numRuns: 300 },
  );
});

test('names that JavaScript has uses for are names like others', () => {
  const namespace = new Namespace();
  for (const name of ['__proto__', 'constructor', 'toString']) write(namespace, `/${name}/${name}`, [name]);
  assert.equal(paths(namespace), ['/__proto__/__proto__', '/constructor/constructor', '/toString/toString']);
  const edits: Edit[] = [...namespace.edits()];
  assert.is(edits.length, 3);
});

test.run();
