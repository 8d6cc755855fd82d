/** Holds the walls of the house: who may import what, and who may touch clocks and chance. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { VERSION } from '../mesos/version.ts';

const PROJECT = resolve(import.meta.dirname, '..');
const ROOMS = ['mesos', 'frameworks', 'workloads', 'infra', 'reports', 'harness'];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
  /** Only when it is needed. */
  readonly isLate: boolean;
}

const files = ROOMS.flatMap((room) =>
  readdirSync(join(PROJECT, room), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${room}/${name}`),
).sort();
const sources = new Map(files.map((file) => [file, readFileSync(join(PROJECT, file), 'utf8')]));
const code = files.filter((file) => !isTest(file));

/** Tests, and what only tests use, may reach further. */
function isTest(file: string): boolean {
  return file.endsWith('.test.ts') || /(^|\/)(test[A-Z]\w*\.ts|testdata\/)/.test(file);
}

function importsOf(file: string): readonly Import[] {
  const text = sources.get(file) ?? '';
  const found = text.matchAll(
    /(?:^|\n)(?:import|export)(\s+type)?\s[^;]*?from '(\.[^']+)'|import\('(\.[^']+)'\)/g,
  );
  return [...found].map(([, type, from, dynamic]) => ({
    from: file,
    to: relative(PROJECT, resolve(PROJECT, dirname(file), from ?? dynamic ?? '')),
    isType: type !== undefined,
    isLate: dynamic !== undefined,
  }));
}

const room = (file: string): string => file.split('/')[0] ?? '';
const inner = (file: string): string => file.split('/').slice(0, 2).join('/');
const imports = code.flatMap(importsOf);
const tell = (bad: readonly Import[]): string =>
  bad.map(({ from, to }) => `${from} imports ${to}`).join('\n');

test('every import names a file that exists', () => {
  assert.is(tell(imports.filter(({ to }) => to.endsWith('.ts') && !sources.has(to))), '');
});

test('rooms import only the rooms below them', () => {
  const below: Readonly<Record<string, readonly string[]>> = {
    mesos: [],
    workloads: [],
    infra: [],
    frameworks: ['mesos', 'workloads'],
    reports: [],
    harness: ROOMS,
  };
  const bad = imports.filter(
    ({ from, to, isType }) =>
      room(from) !== room(to) &&
      !below[room(from)]?.includes(room(to)) &&
      !(room(from) === 'reports' && isType),
  );
  assert.is(tell(bad), '');
});

test('frameworks see nothing of mesos but its drivers and its protocol', () => {
  const bad = imports.filter(
    ({ from, to }) =>
      room(from) === 'frameworks' &&
      room(to) === 'mesos' &&
      !['mesos/driver', 'mesos/protocol'].includes(inner(to)),
  );
  assert.is(tell(bad), '');
});

test('inside frameworks, the files of nodes know nothing but themselves, and no framework knows the block store', () => {
  const bad = imports.filter(({ from, to }) => {
    if (room(from) !== 'frameworks' || room(to) !== 'frameworks') return false;
    if (inner(from) === 'frameworks/files') return inner(to) !== 'frameworks/files';
    return inner(to) === 'frameworks/dfs' && inner(from) !== 'frameworks/dfs';
  });
  assert.is(tell(bad), '');
});

test('inside mesos, protocol stands below runtime, and runtime below the rest', () => {
  const bad = imports.filter(({ from, to }) => {
    if (inner(from) === 'mesos/protocol') return inner(to) !== 'mesos/protocol';
    if (inner(from) === 'mesos/runtime') return !['mesos/runtime', 'mesos/protocol'].includes(inner(to));
    return false;
  });
  assert.is(tell(bad), '');
});

test('what each daemon would load for nothing is imported for its types alone', () => {
  const loads = /(?:^|\n)import\s(?!type\s)[^;]*?from '(node:http|node:tls|@grpc\/grpc-js)'/;
  const bad = code.filter(
    (file) => ['mesos', 'frameworks'].includes(room(file)) && loads.test(sources.get(file) ?? ''),
  );
  assert.equal(bad, []);
});

test('threads of Hadoop’s tasks start without the schemas, which a job does not need', () => {
  const loaded = new Set(['frameworks/hadoop/tasks/taskWorker.ts']);
  for (const file of loaded)
    for (const { to, isType, isLate } of importsOf(file)) if (!isType && !isLate) loaded.add(to);
  assert.ok(loaded.has('frameworks/hadoop/tasks/mapTask.ts'));
  const bad = [...loaded].filter((file) => sources.get(file)?.includes("from 'valibot'"));
  assert.equal(bad, []);
});

test('what runs an experiment knows no command', () => {
  const bad = imports.filter(
    ({ from, to }) => inner(from) === 'harness/run' && inner(to) === 'harness/command',
  );
  assert.is(tell(bad), '');
});

test('the allocation modules know no master', () => {
  const bad = imports.filter(
    ({ from, to }) => inner(from) === 'mesos/allocation' && inner(to) === 'mesos/master',
  );
  assert.is(tell(bad), '');
});

test('no file imports itself by way of others, be it for types alone', () => {
  // A job has its tasks, and each of them names its job.
  const isMutual = ({ from, to }: Import): boolean =>
    from === 'frameworks/hadoop/task.ts' && to === 'frameworks/hadoop/jobInProgress.ts';
  const targets = new Map<string, string[]>();
  for (const each of imports)
    if (!isMutual(each)) targets.set(each.from, [...(targets.get(each.from) ?? []), each.to]);
  const settled = new Set<string>();
  const walk = (file: string, path: readonly string[]): string | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].join(' -> ');
    if (settled.has(file)) return undefined;
    for (const to of targets.get(file) ?? []) {
      const circle = walk(to, [...path, file]);
      if (circle !== undefined) return circle;
    }
    settled.add(file);
    return undefined;
  };
  assert.equal(
    code.flatMap((file) => walk(file, []) ?? []),
    [],
  );
});

test('clocks, timers and chance are touched only where the real world is', () => {
  const worldly = /\b(Date\.now|performance\.now|Math\.random|setTimeout|setInterval)\b/;
  const allowed = ['mesos/runtime', 'mesos/isolation', 'mesos/election', 'harness/command', 'harness/bench'];
  // The page of the master lives in a browser, whose time comes in by one file.
  const clock = 'mesos/http/page/clock.ts';
  const bad = code.filter(
    (file) =>
      worldly.test(sources.get(file) ?? '') &&
      !allowed.includes(inner(file)) &&
      room(file) !== 'infra' &&
      file !== clock,
  );
  assert.equal(bad, []);
});

test('temporary folders are named after the process that makes them, so that what is left of it can be found', () => {
  const bad = code.filter((file) => /\bmkdtemp(Sync)?\(/.test(sources.get(file) ?? ''));
  assert.equal(bad, ['infra/ownFolder.ts']);
});

test('no function is skipped, no test runs alone', () => {
  const bad = files.filter(
    (file) => file !== 'harness/tidy.test.ts' && /\btest\.only\(/.test(sources.get(file) ?? ''),
  );
  assert.equal(bad, []);
});

test('the version is the same wherever it stands', () => {
  assert.is(JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')).version, VERSION);
});

test('the decisions, the licence and the dependencies are written down', () => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(PROJECT, 'package.json'), 'utf8'),
  );
  const written = readFileSync(join(PROJECT, 'docs/dependencies.md'), 'utf8');
  const names = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
  assert.equal(
    names.filter((name) => !name.startsWith('@types/') && !written.includes(`\`${name}\``)),
    [],
  );
  assert.match(readFileSync(join(PROJECT, 'LICENSE'), 'utf8'), /Apache License/);
});

test.run();
