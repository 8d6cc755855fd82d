/**
 * The parts of the page that are not data: style sheet, script, chart libraries, and the policy that forbids
 * all network.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Html, html, raw } from './html.ts';
import { paletteCss } from './palette.ts';

/** In the order in which they apply. */
const SHEETS = ['base', 'frame', 'verdict', 'tables', 'figures', 'print'] as const;

const LIBRARIES = ['vega', 'vega-lite', 'vega-embed'] as const;

/** The style sheet, with the colours. */
export function styleSheet(): string {
  return [
    paletteCss(),
    ...SHEETS.map((name) => readFileSync(new URL(`./style/${name}.css`, import.meta.url), 'utf8')),
  ].join('\n');
}

/** The script that draws the charts and works the buttons. */
export function pageScript(): string {
  return readFileSync(new URL('./browser.js', import.meta.url), 'utf8');
}

/** Runs before anything is shown: what needs scripts has its place from the start, so that nothing moves later. */
export const FIRST_SCRIPT = "document.documentElement.dataset.scripted = '';";

/**
 * Vega, Vega-Lite and Vega-Embed, each with its licence, as installed.
 * Throws an Error if one is not installed.
 */
export function chartLibraries(): string {
  return LIBRARIES.map(library).join('\n');
}

/** A script element. */
export function scriptElement(code: string): Html {
  return html`<script>${raw(guarded(code))}</script>\n`;
}

/**
 * The content security policy that allows these scripts, inline styles and nothing else: no request can
 * leave.
 */
export function policy(scripts: readonly string[]): string {
  const hashes = scripts.map(
    (code) => `'sha256-${createHash('sha256').update(guarded(code)).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    `script-src ${hashes.join(' ')}`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** Code that cannot end its own script element. */
function guarded(code: string): string {
  return code.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
}

function library(name: (typeof LIBRARIES)[number]): string {
  const build = dirname(fileURLToPath(import.meta.resolve(name)));
  const code = readFileSync(join(build, `${name}.min.js`), 'utf8').replace(
    /^\/\/# sourceMappingURL=.*$/gm,
    '',
  );
  const licence = readFileSync(join(build, '..', 'LICENSE'), 'utf8')
    .replaceAll('*/', '* /')
    .trim();
  return `/* ${name}\n${licence}\n*/\n${code.trim()}\n`;
}
