/** The colours of the page by role, for both themes. A test holds them to WCAG AA. */

/** One theme: CSS variable (without dashes) to colour. */
export type Palette = Readonly<Record<Role, string>>;

type Role =
  | 'page'
  | 'panel'
  | 'ink'
  | 'quiet'
  | 'line'
  | 'shade'
  | 'link'
  | 'mesos'
  | 'static'
  | 'paper-mark'
  | 'fault'
  | 'reproduced'
  | 'same-direction'
  | 'deviates'
  | 'inconclusive'
  | 'harness-limited'
  | 'not-run'
  | `framework-${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8}`;

/** Roles that text is set in, on `page` and on `panel`. */
export const TEXT_ROLES: readonly Role[] = [
  'ink',
  'quiet',
  'link',
  'mesos',
  'static',
  'reproduced',
  'same-direction',
  'deviates',
  'inconclusive',
  'harness-limited',
  'not-run',
];

/** Roles of marks that carry meaning in charts. */
export const MARK_ROLES: readonly Role[] = [
  'mesos',
  'static',
  'paper-mark',
  'framework-1',
  'framework-2',
  'framework-3',
  'framework-4',
  'framework-5',
  'framework-6',
  'framework-7',
  'framework-8',
];

export const LIGHT: Palette = {
  page: '#faf9f6',
  panel: '#ffffff',
  ink: '#1c1f23',
  quiet: '#575d65',
  line: '#dedbd3',
  shade: '#dcd9d1',
  link: '#14548f',
  mesos: '#14548f',
  static: '#686d75',
  'paper-mark': '#7a7f87',
  fault: '#c9a0a0',
  reproduced: '#0b6b40',
  'same-direction': '#135a96',
  deviates: '#a62a1f',
  inconclusive: '#735600',
  'harness-limited': '#7b3596',
  'not-run': '#575d65',
  'framework-1': '#0f68b0',
  'framework-2': '#bd4a0c',
  'framework-3': '#0b7757',
  'framework-4': '#8b3f95',
  'framework-5': '#846400',
  'framework-6': '#0f7489',
  'framework-7': '#a8355f',
  'framework-8': '#566270',
};

export const DARK: Palette = {
  page: '#121518',
  panel: '#191d21',
  ink: '#e8e6e1',
  quiet: '#a9afb7',
  line: '#333940',
  shade: '#3b4249',
  link: '#86bdf3',
  mesos: '#7cb8f2',
  static: '#a2a8b0',
  'paper-mark': '#9aa1aa',
  fault: '#7a4a4a',
  reproduced: '#62cf9b',
  'same-direction': '#86bdf3',
  deviates: '#ff9c8f',
  inconclusive: '#e2bf55',
  'harness-limited': '#d8a6ec',
  'not-run': '#a9afb7',
  'framework-1': '#6fb3f2',
  'framework-2': '#f2965a',
  'framework-3': '#4fc7a0',
  'framework-4': '#d09be2',
  'framework-5': '#dcb94a',
  'framework-6': '#63c6d8',
  'framework-7': '#f08bb0',
  'framework-8': '#b5bfca',
};

/** On paper: light, and of frameworks four that follow each other are also told apart by a printer without colours. */
export const PRINT: Palette = {
  ...LIGHT,
  page: '#ffffff',
  'framework-1': '#0b4a80',
  'framework-2': '#e0701f',
  'framework-3': '#043a2a',
  'framework-4': '#9c4aa8',
  'framework-5': '#5a4500',
  'framework-6': '#2b93a6',
  'framework-7': '#5a1a30',
  'framework-8': '#626d7b',
};

/** Both themes as CSS: by the reader's system, by the button, and always light on paper. */
export function paletteCss(): string {
  return [
    `:root{color-scheme:light;${variables(LIGHT)}}`,
    `@media (prefers-color-scheme:dark){:root:not([data-theme="light"]){color-scheme:dark;${variables(DARK)}}}`,
    `:root[data-theme="dark"]{color-scheme:dark;${variables(DARK)}}`,
    `@media print{:root:root:root{color-scheme:light;${variables(PRINT)}}}`,
  ].join('\n');
}

/** WCAG 2 contrast ratio of two colours written `#rrggbb`. */
export function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function variables(palette: Palette): string {
  return Object.entries(palette)
    .map(([role, colour]) => `--${role}:${colour}`)
    .join(';');
}
