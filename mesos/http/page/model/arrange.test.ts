import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { arrange, type Look, type Wanted } from './arrange.ts';

const test = suite('tables: filter and order');

interface Thing {
  readonly name: string;
  readonly state: string;
  readonly size: number;
}

const LOOK: Look<Thing> = {
  hay: ({ name, state }) => `${name} ${state}`.toLowerCase(),
  kind: ({ state }) => state,
  takes: (choice, kind) => choice === 'warm' && kind !== 'cold',
  keys: { name: ({ name }) => name, size: ({ size }) => size },
};
const THINGS: readonly Thing[] = [
  { name: 'node10', state: 'hot', size: 1 },
  { name: 'node9', state: 'cold', size: 3 },
  { name: 'Node1', state: 'mild', size: 1 },
  { name: 'other', state: 'hot', size: 2 },
];
const names = (wanted: Partial<Wanted>) =>
  arrange(THINGS, LOOK, { filter: '', choice: '', sort: 'name', descending: false, ...wanted }).records.map(
    ({ name }) => name,
  );

test('names are sorted as people count, whatever their case', () => {
  assert.equal(names({}), ['Node1', 'node9', 'node10', 'other']);
  assert.equal(names({ descending: true }), ['other', 'node10', 'node9', 'Node1']);
});

test('what is equal stays in its order, up and down', () => {
  assert.equal(names({ sort: 'size' }), ['node10', 'Node1', 'other', 'node9']);
  assert.equal(names({ sort: 'size', descending: true }), ['node9', 'other', 'node10', 'Node1']);
});

test('all words of a filter must occur, in any case', () => {
  assert.equal(names({ filter: ' NODE hot ' }), ['node10']);
  assert.equal(names({ filter: 'node hot cold' }), []);
});

test('a choice is one kind or a group of them, and all kinds are counted', () => {
  assert.equal(names({ choice: 'hot' }), ['node10', 'other']);
  assert.equal(names({ choice: 'warm' }), ['Node1', 'node10', 'other']);
  const { kinds } = arrange(THINGS, LOOK, { filter: 'node', choice: 'hot', sort: '', descending: false });
  assert.equal(kinds, { hot: 1, cold: 1, mild: 1 });
});

test('a column that is not there leaves the order as it is', () => {
  assert.equal(names({ sort: 'colour' }), ['node10', 'node9', 'Node1', 'other']);
});

test.run();
