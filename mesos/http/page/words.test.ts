import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bytes, percent, quantitiesText, quantity, span } from './format.ts';
import { fitting } from './parts/columns.ts';
import { reasonText, reasonWords, untilOf } from './reasons.ts';
import { hrefTo, readRoute } from './route.ts';
import { FRAMEWORK_SIGNS, SLAVE_SIGNS, TASK_SIGNS } from './signs.ts';
import type { Summary } from './topics.ts';
import { headline } from './views/headline.ts';

const test = suite('the words of the page');

test('spans have the two units that matter', () => {
  assert.equal([0, 59_999, 61_000, 11 * 60_000, 3_600_000 * 3, 3_600_000 * 50].map(span), [
    '0 s',
    '59 s',
    '1 min 1 s',
    '11 min',
    '3 h 0 min',
    '2 d 2 h',
  ]);
});

test('quantities have units, and a small share is not zero', () => {
  assert.equal(
    [quantity('mem', 512), quantity('mem', 3 * 1024), quantity('cpus', 1.25), quantity('cpus', 12345)],
    ['512 MiB', '3 GiB', '1.25', '12,345'],
  );
  assert.is(quantitiesText({ cpus: 2, mem: 1024, disk: 0 }), '2 CPUs, 1 GiB mem');
  assert.is(quantitiesText({}), 'nothing');
  assert.equal([0, 0.0001, 0.0512, 0.5].map(percent), ['0.0%', '<0.1%', '5.1%', '50%']);
  assert.equal([bytes(12), bytes(2048)], ['12 B', '2 KiB']);
});

const CALM: Summary = {
  master: undefined,
  slaves: { active: 3 },
  unreachable: 0,
  frameworks: { connected: 2 },
  tasks: { TASK_RUNNING: 1400 },
  endedTasks: {},
  resources: [],
  offers: undefined,
  top: [],
};

test('the headline says how a cluster is', () => {
  assert.equal(headline(CALM), { trouble: [], calm: '1,400 tasks run for 2 frameworks on 3 slaves.' });
  assert.is(headline({ ...CALM, slaves: {} }).calm, 'No slave has registered yet.');
  assert.is(
    headline({ ...CALM, slaves: { active: 1 }, tasks: {}, frameworks: {} }).calm,
    'One slave is there; no framework is connected.',
  );
});

test('the headline names what is wrong', () => {
  const { trouble, calm } = headline({
    ...CALM,
    slaves: { active: 2, inactive: 1 },
    unreachable: 1,
    frameworks: { connected: 1, disconnected: 1 },
    tasks: { TASK_RUNNING: 1, TASK_UNREACHABLE: 2 },
  });
  assert.equal(trouble, [
    '2 slaves are out of reach.',
    '1 framework has no scheduler.',
    '2 tasks are unreachable.',
  ]);
  assert.is(calm, '1 task runs for 2 frameworks on 2 of 3 slaves.');
});

test('every state is a sign and a word, never a colour alone', () => {
  const signs = [TASK_SIGNS, SLAVE_SIGNS, FRAMEWORK_SIGNS].flatMap((all) => Object.values(all));
  for (const { glyph, word } of signs) assert.ok(glyph.length > 0 && word.length > 0);
});

test('reasons are in words, also those that a later master may give', () => {
  assert.is(reasonWords('refused').title, 'Refused for now');
  assert.is(reasonWords('full-moon').title, 'full moon');
  const name = (id: string) => `name of ${id}`;
  assert.is(
    reasonText(
      { slaveId: 'S', why: 'another-framework', details: { framework_id: 'F', how: 'offered' } },
      name,
    ),
    'offered to name of F',
  );
  assert.is(untilOf({ slaveId: 'S', why: 'refused', details: { until: 12.5 } }), 12_500);
  assert.is(
    untilOf({ slaveId: 'S', why: 'refused', details: { until: 'Infinity' } }),
    Number.POSITIVE_INFINITY,
  );
  assert.is(untilOf({ slaveId: 'S', why: 'suppressed', details: {} }), undefined);
});

test('a place has an address, and what is not known leads to the overview', () => {
  const route = readRoute(`${hrefTo('framework', 'a/b c', 'why')}?q=x`);
  assert.equal([route.view, route.id, route.part, route.query.get('q')], ['framework', 'a/b c', 'why', 'x']);
  assert.is(readRoute('#/nowhere').view, 'overview');
  assert.is(readRoute('').view, 'overview');
  assert.is(readRoute('#/slave/%zz').id, '%zz');
});

test('where a table is narrow, the columns that matter least give way', () => {
  const columns = [
    { key: 'a', title: 'A', px: 100, rank: 0, cell: () => '' },
    { key: 'b', title: 'B', px: 100, rank: 2, cell: () => '' },
    { key: 'c', title: 'C', px: 100, rank: 1, cell: () => '' },
  ];
  const shown = (width: number) => fitting(columns, width).map(({ key }) => key);
  assert.equal([shown(300), shown(250), shown(50)], [['a', 'b', 'c'], ['a', 'c'], ['a']]);
});

test.run();
