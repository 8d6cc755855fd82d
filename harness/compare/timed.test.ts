/** Sessions of real processes, on benchmarks that say how long they would have taken. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ProgressDisplay } from '../run/progress.ts';
import { setting } from '../run/provenance.ts';
import { targetOf } from './block.ts';
import type { CodeSide } from './side.ts';
import { measureTimed, type TimedSession } from './timed.ts';

const test = suite<{ folder: string }>('a session of timed figures');
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'lab-timed-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

/** A version of the code in which each round takes so long, give or take a thousandth. It notes each start. */
function version(
  folder: string,
  name: string,
  round: string,
  { more = 'parameters: { slaves: 10 }', figure = 'us-per-launch' } = {},
): CodeSide {
  const own = join(folder, name);
  mkdirSync(join(own, 'harness', 'bench'), { recursive: true });
  writeFileSync(
    join(own, 'harness', 'bench', 'catalogue.ts'),
    `import { appendFileSync } from 'node:fs';
    const start = (seed: number) => {
      appendFileSync(${JSON.stringify(join(folder, 'starts'))}, \`${name} \${seed}\\n\`);
      return { round: () => ({ '${figure}': ${round} }) };
    };
    const launch = { unit: 'µs of one core', ${more}, start };
    export const BENCHMARKS = { launch: { kind: 'rounds', load: async () => launch } };\n`,
  );
  const side = { name, commit: name, dirty: false, lockfileSha256: '', nodeVersion: process.version };
  return { kind: 'code', side, setting: { ...setting(), code: name }, folder: own, controlFolder: own };
}

/** Tells how many blocks are done. */
const display = (blockDone: (blocks: number) => void): ProgressDisplay => ({
  expect() {},
  start: () => ({ report: (done) => blockDone(done), end() {}, stop() {} }),
  log() {},
  close() {},
});

function session(
  folder: string,
  head: CodeSide,
  more: Partial<TimedSession> = {},
  base = version(folder, 'base', '100 + (seed % 7) / 10'),
): TimedSession {
  const control = version(folder, 'control', '100 + (seed % 5) / 10');
  const target = targetOf('launch');
  if (target === undefined) throw new Error('there is no benchmark launch');
  return {
    sides: { base: { ...base, controlFolder: control.folder }, head },
    targets: [target],
    ...{ budgetSeconds: 600, blocksMax: 6, threshold: () => 0.03, fresh: false, out: join(folder, 'out') },
    ...{ display: display(() => {}), stopping: new AbortController().signal, ...more },
  };
}

const starts = (folder: string): readonly string[] =>
  readFileSync(join(folder, 'starts'), 'utf8').trim().split('\n');

test('goes on where it was stopped, and measures nothing twice; what is a tenth more is worse', async ({
  folder,
}) => {
  const head = version(folder, 'head', '110 + (seed % 3) / 10');
  const stop = new AbortController();
  const stopped = session(folder, head, {
    stopping: stop.signal,
    display: display((blocks) => {
      if (blocks === 3) stop.abort();
    }),
  });
  let reason: unknown;
  await measureTimed(stopped).catch((error) => {
    reason = error;
  });
  assert.ok(reason instanceof Error);
  assert.is(starts(folder).length, 9);
  const { figures, incomparable, left } = await measureTimed(session(folder, head));
  assert.is(starts(folder).length, 18);
  assert.equal([...incomparable, ...left], []);
  const [figure] = figures;
  if (figure?.kind !== 'timed') throw new Error('there is no figure');
  assert.is(figure.id, 'launch/us-per-launch');
  assert.is(figure.verdict, 'worse');
  assert.ok(Math.abs(figure.ratio.value - 1.1) < 0.01);
  assert.equal(
    figure.blocks.map(({ seed }) => seed),
    [1, 2, 3, 4, 5, 6],
  );
  assert.ok(existsSync(join(folder, 'out', 'blocks')));
});

test('a block that is damaged is measured again', async ({ folder }) => {
  const head = version(folder, 'head', '110 + (seed % 7) / 10');
  const again = () => measureTimed(session(folder, head));
  const [first] = (await again()).figures;
  const block = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((file) =>
    /blocks\/[^/]+\/1\.json$/.test(file),
  );
  if (block === undefined) throw new Error('there is no block');
  const file = join(folder, block);
  const whole = JSON.parse(readFileSync(file, 'utf8'));
  for (const damaged of [{}, { ...whole, figures: [{}] }]) {
    writeFileSync(file, JSON.stringify(damaged));
    const [second] = (await again()).figures;
    assert.is(second?.verdict, 'worse');
    assert.is(second?.verdict, first?.verdict);
  }
});

test('what is a tenth more is better where the benchmark says so', async ({ folder }) => {
  const more = "better: 'higher', parameters: { slaves: 10 }";
  const head = version(folder, 'head', '110 + (seed % 3) / 10', { more });
  const { figures } = await measureTimed(session(folder, head));
  assert.equal(
    figures.map((figure) => [figure.verdict, figure.kind === 'timed' && figure.better]),
    [['better', 'higher']],
  );
});

const BROKEN = "(() => { throw new Error('the books do not balance') })()";

async function failureOf(timed: TimedSession) {
  const [figure] = (await measureTimed(timed)).figures;
  if (figure?.kind !== 'failed') throw new Error('nothing has failed');
  return figure;
}

test('the side whose code fails is named, with its last words', async ({ folder }) => {
  const { side, verdict, why } = await failureOf(session(folder, version(folder, 'head', BROKEN)));
  assert.equal([side, verdict], ['head', 'failed']);
  assert.match(why, /the books do not balance/);
});

test('the head is not blamed for what the base fails at alone, though its folder is in every complaint', async ({
  folder,
}) => {
  const broken = version(folder, 'head/base', BROKEN);
  const head = version(folder, 'head', '100');
  const { side, verdict } = await failureOf(session(folder, head, {}, broken));
  assert.equal([side, verdict], ['base', 'inconclusive']);
});

test('what fails on both sides has failed', async ({ folder }) => {
  const [base, head] = [version(folder, 'base', BROKEN), version(folder, 'head', BROKEN)];
  const { side, verdict } = await failureOf(session(folder, head, {}, base));
  assert.equal([side, verdict], ['both', 'failed']);
});

test('a figure that the head has lost is worse, and one that the base has not is not judged', async ({
  folder,
}) => {
  const head = version(folder, 'head', '100', { figure: 'us-per-offer' });
  const { figures } = await measureTimed(session(folder, head));
  assert.equal(
    figures.map(({ id, verdict }) => [id, verdict]),
    [
      ['launch/us-per-launch', 'worse'],
      ['launch/us-per-offer', 'not judged'],
    ],
  );
});

test('figures of other parameters are not compared', async ({ folder }) => {
  const head = version(folder, 'head', '100', { more: 'parameters: { slaves: 20 }' });
  const { figures, incomparable } = await measureTimed(session(folder, head));
  assert.equal(figures, []);
  assert.equal(incomparable, ['launch/us-per-launch: slaves is 10 on one side and 20 on the other']);
});

test.run();
