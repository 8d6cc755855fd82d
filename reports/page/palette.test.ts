import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { contrast, DARK, LIGHT, MARK_ROLES, paletteCss, TEXT_ROLES } from './palette.ts';

const THEMES = [
  ['light', LIGHT],
  ['dark', DARK],
] as const;

test('contrast is that of WCAG', () => {
  assert.is(contrast('#000000', '#ffffff'), 21);
  assert.is(contrast('#ffffff', '#ffffff'), 1);
  assert.ok(Math.abs(contrast('#777777', '#ffffff') - 4.48) < 0.01);
});

test('text has a contrast of at least 4.5 in both themes, on the page and in frames', () => {
  for (const [name, theme] of THEMES) {
    for (const role of TEXT_ROLES) {
      for (const ground of ['page', 'panel'] as const) {
        const ratio = contrast(theme[role], theme[ground]);
        assert.ok(ratio >= 4.5, `${role} on ${ground}, ${name}: ${ratio.toFixed(2)}`);
      }
    }
  }
});

test('marks have a contrast of at least 3 in both themes', () => {
  for (const [name, theme] of THEMES) {
    for (const role of MARK_ROLES) {
      const ratio = contrast(theme[role], theme.panel);
      assert.ok(ratio >= 3, `${role}, ${name}: ${ratio.toFixed(2)}`);
    }
  }
});

test('paper is always light', () => {
  const print = paletteCss().split('@media print')[1] ?? '';
  assert.match(print, `--ink:${LIGHT.ink}`);
  assert.match(print, '--page:#ffffff');
});

test.run();
