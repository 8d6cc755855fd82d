import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { contrast, DARK, LIGHT, MARK_ROLES, type Palette, PRINT, paletteCss, TEXT_ROLES } from './palette.ts';

const THEMES = [
  ['light', LIGHT],
  ['dark', DARK],
  ['print', PRINT],
] as const;

/** Marks of one chart: those of frameworks that follow each other, and of groups, which begin with the colour of Mesos. */
const TOGETHER: readonly (readonly (keyof Palette)[])[] = [
  ['framework-1', 'framework-2', 'framework-3', 'framework-4'],
  ['framework-2', 'framework-3', 'framework-4', 'framework-5'],
  ['framework-3', 'framework-4', 'framework-5', 'framework-6'],
  ['framework-4', 'framework-5', 'framework-6', 'framework-7'],
  ['framework-5', 'framework-6', 'framework-7', 'framework-8'],
  ['mesos', 'framework-2', 'framework-3', 'framework-4'],
];

test('contrast is that of WCAG', () => {
  assert.is(contrast('#000000', '#ffffff'), 21);
  assert.is(contrast('#ffffff', '#ffffff'), 1);
  assert.ok(Math.abs(contrast('#777777', '#ffffff') - 4.48) < 0.01);
});

test('text has a contrast of at least 4.5 in both themes and on paper, on the page and in frames', () => {
  for (const [name, theme] of THEMES) {
    for (const role of TEXT_ROLES) {
      for (const ground of ['page', 'panel'] as const) {
        const ratio = contrast(theme[role], theme[ground]);
        assert.ok(ratio >= 4.5, `${role} on ${ground}, ${name}: ${ratio.toFixed(2)}`);
      }
    }
  }
});

test('marks have a contrast of at least 3 in both themes and on paper', () => {
  for (const [name, theme] of THEMES) {
    for (const role of MARK_ROLES) {
      const ratio = contrast(theme[role], theme.panel);
      assert.ok(ratio >= 3, `${role}, ${name}: ${ratio.toFixed(2)}`);
    }
  }
});

test('marks of one chart are told apart on paper without colours', () => {
  for (const roles of TOGETHER) {
    const grounds = roles.map((role) => contrast(PRINT[role], PRINT.panel)).sort((a, b) => a - b);
    const steps = grounds.slice(1).map((one, n) => one / (grounds[n] ?? one));
    assert.ok(Math.min(...steps) >= 1.35, `${roles.join(', ')}: ${grounds.map((one) => one.toFixed(2))}`);
  }
});

test('paper is always light', () => {
  const print = paletteCss().split('@media print')[1] ?? '';
  assert.match(print, `--ink:${LIGHT.ink}`);
  assert.match(print, '--page:#ffffff');
});

test.run();
