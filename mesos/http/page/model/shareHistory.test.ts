import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  agent,
  agentAdded,
  framework,
  frameworkAdded,
  frameworkRemoved,
  task,
  taskAdded,
} from '../testEvents.ts';
import { apply } from './events.ts';
import { newModel } from './model.ts';
import { HISTORY_MS, shareNotes } from './shareHistory.ts';

const test = suite('shares over time');

function clusterOf(frameworks: number) {
  const model = newModel();
  apply(model, agentAdded(agent('S', { cpus: 100, mem: 1000 })));
  for (let n = 0; n < frameworks; n++) {
    apply(model, frameworkAdded(framework(`F${n}`)));
    apply(model, taskAdded(task('t', `F${n}`, 'S', { cpus: n, mem: 1 })));
  }
  return model;
}

test('the eight largest are told of, the largest first, each in a colour of its own', () => {
  const model = clusterOf(12);
  const notes = shareNotes();
  notes.note(model, 1000);
  const { frameworks, samples } = notes.history(model);
  assert.equal(
    frameworks.map(({ name }) => name),
    [11, 10, 9, 8, 7, 6, 5, 4].map((n) => `name-F${n}`),
  );
  assert.is(new Set(frameworks.map(({ colour }) => colour)).size, 8);
  assert.equal(samples, [{ atMs: 1000, shares: [0.11, 0.1, 0.09, 0.08, 0.07, 0.06, 0.05, 0.04] }]);
});

test('who has a colour keeps it when others grow past it', () => {
  const model = clusterOf(3);
  const notes = shareNotes();
  notes.note(model, 1000);
  const before = new Map(notes.history(model).frameworks.map(({ id, colour }) => [id, colour]));
  apply(model, taskAdded(task('more', 'F0', 'S', { cpus: 50 })));
  notes.note(model, 2000);
  const { frameworks } = notes.history(model);
  assert.is(frameworks[0]?.id, 'F0');
  for (const { id, colour } of frameworks) assert.is(colour, before.get(id));
});

test('what was not there yet, or is not any more, has no share', () => {
  const model = clusterOf(1);
  const notes = shareNotes();
  notes.note(model, 1000);
  apply(model, frameworkAdded(framework('late')));
  notes.note(model, 2000);
  apply(model, frameworkRemoved('F0'));
  notes.note(model, 3000);
  assert.equal(
    notes.history(model).samples.map(({ shares }) => shares),
    [
      [0.001, null],
      [0.001, 0],
      [null, 0],
    ],
  );
});

test('fifteen minutes are kept', () => {
  const model = clusterOf(1);
  const notes = shareNotes();
  for (const atMs of [0, 1000, HISTORY_MS]) notes.note(model, atMs);
  assert.equal(
    notes.history(model).samples.map(({ atMs }) => atMs),
    [1000, HISTORY_MS],
  );
});

test.run();
