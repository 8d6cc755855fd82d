import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { contrast, DARK, LIGHT, type Palette } from '../../../../reports/page/palette.ts';

const test = suite('the colours of the page');

const css = readFileSync(join(import.meta.dirname, 'palette.css'), 'utf8');

/** Colours by role of each block: light, dark by the system, dark by choice. */
const [light, systemDark, chosenDark] = css
  .split(/\bcolor-scheme: (?:light|dark);/)
  .slice(1)
  .map((block) =>
    Object.fromEntries(
      [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(([, role = '', colour = '']) => [role, colour]),
    ),
  );
const themes = [light ?? {}, chosenDark ?? {}];
const TEXT = ['ink', 'quiet', 'accent', 'warning', 'bad', 'good'];
const MARKS = ['accent', ...Array.from({ length: 8 }, (_, n) => `framework-${n + 1}`)];

test('dark is the same, whoever chose it', () => {
  assert.ok(Object.keys(light ?? {}).length > 15);
  assert.equal(systemDark, chosenDark);
  assert.equal(Object.keys(light ?? {}), Object.keys(chosenDark ?? {}));
});

test('text and marks can be told from the ground (WCAG AA)', () => {
  for (const theme of themes)
    for (const ground of ['page', 'panel']) {
      for (const role of TEXT) {
        const ratio = contrast(theme[role] ?? '', theme[ground] ?? '');
        assert.ok(ratio >= 4.5, `${role} on ${ground}: ${ratio.toFixed(2)}`);
      }
      for (const role of MARKS) {
        const ratio = contrast(theme[role] ?? '', theme[ground] ?? '');
        assert.ok(ratio >= 3, `${role} on ${ground}: ${ratio.toFixed(2)}`);
      }
    }
});

test('a bar can be told from what is free beside it', () => {
  for (const theme of themes) assert.ok(contrast(theme.accent ?? '', theme.shade ?? '') >= 3);
});

test('the colours are those of the reports', () => {
  const of = (palette: Palette, role: string) => (palette as Readonly<Record<string, string>>)[role];
  for (const [theme, palette] of [
    [light, LIGHT],
    [chosenDark, DARK],
  ] as const) {
    for (const role of ['page', 'panel', 'ink', 'quiet', 'line', 'shade', ...MARKS.slice(1)])
      assert.is(theme?.[role], of(palette, role), role);
    assert.is(theme?.accent, palette.link);
  }
});

test.run();
