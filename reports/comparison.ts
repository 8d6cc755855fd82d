/** Turns a comparison of two versions into one HTML page. */
import type {
  ComparisonData,
  ComparisonVerdict,
  ExactComparison,
  FailedComparison,
  FigureComparison,
  NoiseScore,
  Side,
  TimedComparison,
  UnmatchedComparison,
} from '../harness/comparison.ts';
import type { ReportData, Verdict } from '../harness/result.ts';
import { curvesFigure } from './figures/curvesFigure.ts';
import { effectsFigure } from './figures/effects.ts';
import type { Figure } from './figures/figure.ts';
import { pairedBlocksFigure } from './figures/pairedBlocks.ts';
import { commands, folded, GLYPHS, mark, question, table, verdictMark, warning } from './page/blocks.ts';
import { figureView } from './page/figureView.ts';
import { pageOf, type RenderOptions } from './page/frame.ts';
import { compactJson, type Html, html, type Insert } from './page/html.ts';
import { gibibytes } from './page/provenance.ts';
import { isSameCurve, pairedCurves, pairedValues } from './results/overlay.ts';
import { count, duration, enumerate, grouped, percent, figures as threeFigures } from './words.ts';

/** What the page is drawn from. */
export interface ComparisonPage {
  readonly comparison: ComparisonData;
  /** The reports of both sides, where runs were compared. */
  readonly reports: { readonly base: ReportData; readonly head: ReportData } | null;
}

/** Curves that are drawn over each other, at most. */
const CURVES_MAX = 40;
/** Values that are set beside each other, at most; those that differ most come first. */
const VALUES_MAX = 200;

/**
 * The page as one HTML file, which asks no network for anything; the same data give the same bytes. Throws an Error if the chart
 * libraries are not installed.
 */
export function renderComparison(page: ComparisonPage, options: RenderOptions = {}): string {
  const { comparison, reports } = page;
  const timed = comparison.figures.filter((one) => one.kind === 'timed');
  const exact = comparison.figures.filter((one) => one.kind === 'exact');
  const effects = effectsFigure(timed);
  const blocks = timed.length === 0 ? null : pairedBlocksFigure(timed);
  const overlays = reports === null ? [] : overlaysOf(reports);
  const drawn = [effects, ...(blocks === null ? [] : [blocks]), ...overlays];
  return pageOf(
    {
      title: titleOf(comparison),
      what: 'comparison',
      contents: contentsOf(page, timed, exact),
      main: html`${card(comparison)}${sidesSection(comparison)}${timed.length === 0 ? null : timedSection(timed, effects)}${
        exact.length === 0 ? null : exactSection(exact)
      }${failedSection(comparison)}${claimsSection(comparison)}${blocks === null ? null : blocksSection(blocks)}${
        reports === null ? null : overlaySection(reports, overlays)
      }${reading()}`,
      placed: drawn.flatMap((figure) =>
        figure.state === 'drawn' ? [{ experiment: 'comparison', figure }] : [],
      ),
      data: compactJson(comparison),
    },
    options,
  );
}

const titleOf = ({ base, head }: ComparisonData): string => `${head.name} against ${base.name}`;

function contentsOf(
  { comparison, reports }: ComparisonPage,
  timed: readonly TimedComparison[],
  exact: readonly ExactComparison[],
): Html {
  const entry = (id: string, name: string): Html => html`<li><a href="#${id}">${name}</a></li>\n`;
  return html`<nav class="contents" aria-label="Contents"><ul>
${entry('verdict', 'Verdict')}${entry('provenance', 'Both sides')}${timed.length === 0 ? null : entry('timed', 'Timed figures')}${
  exact.length === 0 ? null : entry('exact', 'Exact figures')
}${comparison.figures.some(isWithout) ? entry('failed', 'No counterpart') : null}${comparison.claims.length === 0 ? null : entry('claims', 'Claims of the paper')}${
  timed.length === 0 ? null : entry('blocks', 'Every block')
}${reports === null ? null : entry('overlay', 'Both reports')}${entry('reading', 'How to read this page')}</ul></nav>
`;
}

/** How verdicts look: the colours are those of the paper's verdicts. */
const LOOK: Readonly<Record<ComparisonVerdict, { readonly colour: Verdict; readonly glyph: string }>> = {
  better: { colour: 'reproduced', glyph: '▲' },
  worse: { colour: 'deviates', glyph: '▼' },
  same: { colour: 'reproduced', glyph: '=' },
  differs: { colour: 'same direction', glyph: '≠' },
  'no evidence': { colour: 'not run', glyph: '~' },
  inconclusive: { colour: 'inconclusive', glyph: '?' },
  'harness-limited': { colour: 'harness-limited', glyph: '◐' },
  failed: { colour: 'deviates', glyph: '✕' },
  infrastructure: { colour: 'harness-limited', glyph: '✕' },
  'not judged': { colour: 'not run', glyph: '–' },
};

/** The worst first. */
const ORDER: readonly ComparisonVerdict[] = [
  ...(['worse', 'failed', 'infrastructure', 'inconclusive', 'harness-limited'] as const),
  ...(['differs', 'better', 'no evidence', 'same', 'not judged'] as const),
];

const verdictOf = (verdict: ComparisonVerdict): Html =>
  mark(LOOK[verdict].colour, LOOK[verdict].glyph, verdict);

function card(comparison: ComparisonData): Html {
  const { figures, incomparable, left, wallSeconds, noise, budgetSeconds } = comparison;
  const counts = ORDER.map((verdict) => ({
    verdict,
    n: figures.filter((one) => one.verdict === verdict).length,
  }));
  return html`<section class="card" id="verdict" aria-labelledby="title">
<p class="kicker">Comparison of two versions</p>
<h1 id="title">${titleOf(comparison)}</h1>
<p class="sentence">${sentenceOf(comparison)}</p>
<ul class="tally" aria-label="Figures by verdict">
${counts.map(({ verdict, n }) => html`<li class="${LOOK[verdict].colour.replaceAll(' ', '-')}${n === 0 ? ' zero' : ''}"><span class="glyph" aria-hidden="true">${LOOK[verdict].glyph}</span> <b>${grouped(n)}</b> ${verdict}</li>\n`)}</ul>
${incomparable.map((why) => warning('Not comparable', why))}${
  left.length === 0 ? null : warning('No time', `There was no time for ${enumerate(left)}.`)
}<dl class="facts">
<div><dt>Took</dt><dd>${duration(wallSeconds)}${budgetSeconds === null ? '' : ` of ${duration(budgetSeconds)}`}</dd></div>
<div><dt>Noise of the machine</dt><dd>${noise === null ? 'nothing was timed side by side' : noiseOf(noise)}</dd></div>
</dl></section>
`;
}

const noiseOf = ({ score, spread, taken }: NoiseScore): string =>
  `${grouped(score)} of 100: from block to block the base differed from itself by ${percent(spread)}${
    taken === null ? '' : `, and others took ${percent(taken)} of the processors’ time`
  }`;

const UNJUDGED: readonly ComparisonVerdict[] = [
  ...(['inconclusive', 'failed', 'infrastructure', 'harness-limited', 'not judged'] as const),
];

function sentenceOf({ figures, incomparable, claims }: ComparisonData): string {
  if (figures.every(({ verdict }) => verdict === 'not judged'))
    return incomparable.length > 0 ? 'These two must not be compared.' : 'Nothing was compared.';
  const judged = figures.filter(({ verdict }) => !UNJUDGED.includes(verdict));
  if (judged.length === 0) return `Of ${count(figures.length, 'figure')} none could be judged.`;
  const worse = figures.filter(({ verdict }) => verdict === 'worse').length;
  const lost = claims.filter(isLost).length;
  const parts = [
    worse === 0
      ? `Of ${count(judged.length, 'figure')} that could be judged none is worse`
      : `${count(worse, 'figure')} of ${grouped(figures.length)} ${worse === 1 ? 'is' : 'are'} worse`,
    ...(lost === 0
      ? []
      : [`${count(lost, 'claim')} of the paper ${lost === 1 ? 'is' : 'are'} no longer reproduced`]),
  ];
  return `${enumerate(parts)}.`;
}

function sidesSection({ base, head, machine, command }: ComparisonData): Html {
  const row = (name: string, show: (side: Side) => Insert): readonly Insert[] => [
    name,
    show(base),
    show(head),
  ];
  return html`<section id="provenance" aria-labelledby="provenance-title">
<h2 id="provenance-title">Both sides</h2>
${table(
  'Where both sides come from',
  [{ title: '' }, { title: 'Base' }, { title: 'Head' }],
  [
    row('Named', ({ name }) => name),
    row(
      'Commit',
      ({ commit, dirty }) =>
        html`<code>${commit.slice(0, 12)}</code>${dirty ? ' with changes that no commit holds' : ''}`,
    ),
    row('Node.js', ({ nodeVersion }) => nodeVersion),
    row('Lock file', ({ lockfileSha256 }) => html`<code>sha256 ${lockfileSha256.slice(0, 12)}</code>`),
  ],
)}<p>Measured on ${count(machine.cores, 'core')} of ${machine.cpuModel}, ${gibibytes(machine.memoryBytes)}, ${machine.kernel}.</p>
${commands('The comparison again:', [command])}</section>
`;
}

function timedSection(timed: readonly TimedComparison[], effects: Figure): Html {
  const rows = timed.toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
  return html`<section id="timed" aria-labelledby="timed-title">
<h2 id="timed-title">Timed figures</h2>
${question('Which figures that vary from run to run became better or worse?')}${figureView('comparison', effects)}${table(
  'Timed figures',
  [
    { title: 'Figure' },
    { title: 'Verdict' },
    { title: 'Base', number: true },
    { title: 'Head', number: true },
    { title: 'Change', number: true },
    { title: 'Could have seen', number: true },
    { title: 'Blocks', number: true },
    { title: 'Why' },
  ],
  rows.map((one) => [
    one.id,
    verdictOf(one.verdict),
    `${threeFigures(one.base.median)} ${one.unit}`,
    `${threeFigures(one.head.median)} ${one.unit}`,
    html`${signed(one.ratio.value - 1)} <span class="interval">[${one.ratio.interval.map((bound) => signed(bound - 1)).join(', ')}]</span>`,
    Number.isFinite(one.detectable) ? percent(one.detectable) : 'nothing',
    `${one.blocks.length} of ${one.blocksPlanned}`,
    one.why,
  ]),
)}</section>
`;
}

const signed = (part: number): string => `${part > 0 ? '+' : ''}${percent(part)}`;

function exactSection(exact: readonly ExactComparison[]): Html {
  const rows = exact.toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
  // There may be hundreds, which nobody wants to read through for the few that matter.
  const [same, changed] = [
    rows.filter(({ verdict }) => verdict === 'same'),
    rows.filter(({ verdict }) => verdict !== 'same'),
  ];
  // All figures of a scenario have the same one.
  const different = [
    ...new Map(
      rows.flatMap(({ id, firstDifference }) =>
        firstDifference === null ? [] : [[id.split('/').slice(0, 2).join('/'), firstDifference] as const],
      ),
    ),
  ];
  return html`<section id="exact" aria-labelledby="exact-title">
<h2 id="exact-title">Exact figures</h2>
${question('Which figures of runs in virtual time, which are the same for the same code, are different?')}${
  changed.length === 0
    ? html`<p>None of ${count(rows.length, 'figure')} differs in a bit.</p>\n`
    : exactTable('Exact figures that differ', changed)
}${
  same.length === 0
    ? null
    : folded(
        `${count(same.length, 'figure')} of which not a bit differs`,
        exactTable('Exact figures that are the same', same),
      )
}${different.map(([scenario, difference]) => differenceView(scenario, difference))}</section>
`;
}

function exactTable(caption: string, rows: readonly ExactComparison[]): Html {
  return table(
    caption,
    [
      { title: 'Figure' },
      { title: 'Verdict' },
      { title: 'Base', number: true },
      { title: 'Head', number: true },
      { title: 'Why' },
    ],
    rows.map(({ id, verdict, base, head, unit, why }) => [
      id,
      verdictOf(verdict),
      base === null ? '' : `${threeFigures(base)} ${unit}`,
      head === null ? '' : `${threeFigures(head)} ${unit}`,
      why,
    ]),
  );
}

function differenceView(
  scenario: string,
  { seed, line, base, head }: NonNullable<ExactComparison['firstDifference']>,
): Html {
  return folded(
    `First event that differs: ${scenario}, seed ${seed}, line ${grouped(line)}`,
    html`<p>Base</p><pre tabindex="0"><code>${base ?? '(its history has ended)'}</code></pre>
<p>Head</p><pre tabindex="0"><code>${head ?? '(its history has ended)'}</code></pre>
`,
  );
}

const isWithout = (one: FigureComparison): one is FailedComparison | UnmatchedComparison =>
  one.kind === 'failed' || one.kind === 'unmatched';

function failedSection({ figures }: ComparisonData): Html | null {
  const without = figures.filter(isWithout);
  if (without.length === 0) return null;
  const failedOn = (one: FailedComparison | UnmatchedComparison): string =>
    one.kind === 'unmatched'
      ? ''
      : { base: 'the base alone', head: 'the head alone', both: 'both sides', neither: 'neither, run alone' }[
          one.side
        ];
  return html`<section id="failed" aria-labelledby="failed-title">
<h2 id="failed-title">What cannot be held against the other side</h2>
${table(
  'What cannot be held against the other side',
  [{ title: 'What' }, { title: 'Verdict' }, { title: 'Failed on' }, { title: 'Why' }],
  without
    .toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict))
    .map((one) => [one.id, verdictOf(one.verdict), failedOn(one), one.why]),
)}</section>
`;
}

const isLost = ({ base, head }: ComparisonData['claims'][number]): boolean =>
  base === 'reproduced' && head !== 'reproduced';

function claimsSection({ claims }: ComparisonData): Html | null {
  if (claims.length === 0) return null;
  const changed = claims.filter(({ base, head }) => base !== head);
  const order = changed.toSorted((a, b) => Number(isLost(b)) - Number(isLost(a)));
  return html`<section id="claims" aria-labelledby="claims-title">
<h2 id="claims-title">Claims of the paper</h2>
${question('Does the head still reproduce what the base reproduced?')}<p>${
    changed.length === 0
      ? `All ${count(claims.length, 'claim')} have the same verdict on both sides.`
      : `${count(changed.length, 'claim')} of ${grouped(claims.length)} ${changed.length === 1 ? 'has' : 'have'} another verdict.`
  }</p>
${
  changed.length === 0
    ? null
    : table(
        'Claims with another verdict',
        [{ title: 'Claim' }, { title: 'Experiment' }, { title: 'Base' }, { title: 'Head' }],
        order.map(({ claim, experiment, base, head }) => [
          claim,
          experiment,
          verdictMark(base),
          verdictMark(head),
        ]),
      )
}</section>
`;
}

function blocksSection(blocks: Figure): Html {
  return html`<section id="blocks" aria-labelledby="blocks-title">
<h2 id="blocks-title">Every block</h2>
${question('What stands behind the effects?')}${figureView('comparison', blocks)}</section>
`;
}

function overlaysOf({ base, head }: NonNullable<ComparisonPage['reports']>): readonly Figure[] {
  return pairedCurves(base, head)
    .filter((curve) => !isSameCurve(curve))
    .slice(0, CURVES_MAX)
    .map((curve, n) =>
      curvesFigure({
        id: `overlay-${n}`,
        title: `${curve.experiment}, ${curve.scenario}: ${curve.name}`,
        alt: `${curve.name} of base and head over each other.`,
        x: { title: 'time (s), or what the curve is over' },
        y: { title: curve.name },
        lines: [
          { label: 'base', curve: curve.base, look: 'static' },
          { label: 'head', curve: curve.head, look: 'ours' },
        ],
      }),
    );
}

function overlaySection(
  { base, head }: NonNullable<ComparisonPage['reports']>,
  overlays: readonly Figure[],
): Html {
  const curves = pairedCurves(base, head);
  const same = curves.filter(isSameCurve).length;
  const all = curves.length - same;
  const change = (value: { readonly base: number; readonly head: number }): number =>
    value.base === 0 ? (value.head === 0 ? 0 : 1) : Math.abs(value.head / value.base - 1);
  const values = pairedValues(base, head).toSorted((a, b) => change(b) - change(a));
  return html`<section id="overlay" aria-labelledby="overlay-title">
<h2 id="overlay-title">Both reports</h2>
${question('How do the curves and values of both reports lie over each other?')}${
  values.length === 0
    ? null
    : folded(
        `Values, those that differ most first: ${grouped(Math.min(VALUES_MAX, values.length))} of ${grouped(values.length)}`,
        table(
          'Values of both reports, medians over the seeds',
          [
            { title: 'Value' },
            { title: 'Experiment' },
            { title: 'Scenario' },
            { title: 'Base', number: true },
            { title: 'Head', number: true },
            { title: 'Change', number: true },
          ],
          values
            .slice(0, VALUES_MAX)
            .map((one) => [
              one.name,
              one.experiment,
              one.scenario,
              threeFigures(one.base),
              threeFigures(one.head),
              one.base === 0 ? '' : signed(one.head / one.base - 1),
            ]),
        ),
      )
}${same > 0 ? html`<p>${same === curves.length ? 'All curves' : `${grouped(same)} of ${count(curves.length, 'curve')}`} are the same on both sides to the last point, and are not drawn.</p>\n` : null}${all > overlays.length ? html`<p class="missing">${grouped(overlays.length)} of ${count(all, 'curve')} that differ are drawn.</p>\n` : null}${overlays.map((figure) => figureView('comparison', figure))}</section>
`;
}

const MEANING: readonly (readonly [ComparisonVerdict, string])[] = [
  ['better', 'The effect is surely there, for the better, and above the threshold.'],
  ['worse', 'The same for the worse.'],
  ['same', 'Not a bit differs: of runs in virtual time.'],
  ['differs', 'It is another value, which is neither good nor bad in itself, or too little to count.'],
  [
    'no evidence',
    'No effect of a size that counts was seen, and one would have been. That is not “equal”: the smallest that could have been seen stands beside it.',
  ],
  [
    'inconclusive',
    'Too noisy, too few blocks, the base alone failed, or the control moved: the base differed from itself.',
  ],
  ['harness-limited', 'The harness or the machine was the bottleneck.'],
  ['failed', 'The head ended with an error, or both sides did.'],
  ['infrastructure', 'The machine was at fault.'],
  ['not judged', 'There is nothing to hold it against: the base has no such thing. That stops no release.'],
];

function reading(): Html {
  return html`<section id="reading" aria-labelledby="reading-title">
<h2 id="reading-title">How to read this page</h2>
<dl class="meanings">
${MEANING.map(([verdict, meaning]) => html`<div><dt>${verdictOf(verdict)}</dt><dd>${meaning}</dd></div>\n`)}</dl>
<ul>
<li><strong>Blocks.</strong> Both sides run in turns, in an order that reads the same backwards, so that what drifts evenly strikes
both alike; each block in a fresh process, or, of benchmarks that are measured as a whole, each run. An effect is the middle of the
blocks’ ratios (the pseudomedian), with an interval by resampling whole blocks. Stored runs are paired by seed.</li>
<li><strong>The control</strong> is the base run once more in the same blocks. If it differs from the base, the machine is not still
enough, and nothing is concluded.</li>
<li><strong>Claims</strong> that were <span class="glyph" aria-hidden="true">${GLYPHS.reproduced}</span> reproduced on the base and are not on the head are told first.</li>
</ul>
</section>
`;
}
