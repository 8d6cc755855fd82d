/**
 * Makes the report data that the tests draw, and the golden page. Run it after a wanted change of the page:
 *
 *     harness/node reports/testdata/generate.ts
 *
 * The numbers come from a small fluid model of three frameworks on one cluster, not from the system: they are
 * good for testing a page, and for nothing else. The same options give the same data.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { CellResult, ExperimentResult, ReportData } from '../../harness/result.ts';
import { renderReport } from '../page.ts';
import type { PaperClaim } from '../paper/claim.ts';
import { FRAMEWORKS, MACRO_CAVEAT, MACRO_CLAIMS } from '../paper/macro.ts';
import { judgeClaims } from '../paper/measured.ts';
import { type SampleOptions, sampleProvenance, sampleRun } from './sampleRun.ts';
import { sampleSweep } from './sampleSweep.ts';

/** A claim that is held against real runs. */
const REAL_CLAIM: PaperClaim = {
  id: 'macro-real-speed-up-large',
  label: 'large-hadoop, all jobs, real processes',
  claim:
    'Summed up, the large jobs take 2.10 times as long on a static partition as on Mesos, with real processes too.',
  value: 2.1,
  unit: '×',
  where: 'Table 4',
  direction: 'higher',
  clock: 'real',
  tolerance: 0.21,
  quantity: { of: 'framework-speed-up', framework: FRAMEWORKS.large },
  caveat: 'The paper had 96 machines, not one.',
};

/** What the golden page is drawn from. */
export const GOLDEN: SampleOptions = { virtualSeeds: 3, realSeeds: 1, stepS: 120, scale: 0.15 };

/** A whole report's data. */
export function sampleReport(options: SampleOptions): ReportData {
  return { schemaVersion: 2, experiments: [sampleMix(options), sampleSweep()] };
}

/** Runs of Mesos and static partitions. */
export function sampleMix(options: SampleOptions): ExperimentResult {
  const cells: CellResult[] = [];
  for (const [clock, seeds] of [
    ['virtual', options.virtualSeeds],
    ['real', options.realSeeds],
  ] as const) {
    for (let seed = 1; seed <= seeds; seed += 1) {
      for (const system of ['mesos', 'static'] as const) cells.push(sampleRun(clock, system, seed, options));
    }
  }
  cells.push({
    state: 'failed',
    provenance: sampleProvenance('real', 'static', options.realSeeds + 1, 12.4),
    cause: 'infrastructure',
    reason: 'The machine ran out of memory while 96 executors were starting; run it with fewer slaves.',
  });
  return {
    experiment: {
      id: 'mix',
      title: 'The macrobenchmark: frameworks sharing one cluster',
      question:
        'Do frameworks that share a cluster through Mesos finish sooner than on static partitions of it?',
      paper:
        'NSDI’11 §6.1 ran four frameworks on 96 EC2 nodes, sharing them through Mesos or with 24 nodes each.',
    },
    cells,
    claims: judgeClaims([...MACRO_CLAIMS, REAL_CLAIM], cells),
    caveats: [
      MACRO_CAVEAT,
      'Task times of virtual runs are drawn from log-normal distributions fitted to the paper’s static partitions.',
      'These numbers were made up for testing the page. They say nothing about Mesos.',
    ],
    left: [],
  };
}

/** A page without its styles, scripts and data blocks: what is left is what a reader reads. Other tests look at the rest. */
export function wordsOf(page: string): string {
  return page
    .replace(/(<(script|style)[^>]*>)[\s\S]*?(<\/\2>)/g, '$1$3')
    .replace(/'sha256-[^']*'/g, "'sha256-…'");
}

/** Where the tests find what this script makes. */
export const FILES = {
  data: new URL('./report.json.txt', import.meta.url),
  page: new URL('./report.html.txt', import.meta.url),
};

if (import.meta.main) {
  writeFileSync(FILES.data, `${JSON.stringify(sampleReport(GOLDEN))}\n`);
  const data = JSON.parse(readFileSync(FILES.data, 'utf8')) as ReportData;
  writeFileSync(FILES.page, wordsOf(await renderReport(data, { bundles: '' })));
}
