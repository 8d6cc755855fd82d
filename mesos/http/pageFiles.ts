/**
 * The files of the master's page: its modules with their types stripped, its styles, and what it needs of the installed
 * packages. All of it is read once; nothing of it tells anything of a cluster.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { requireGet } from './calls.ts';
import { type Answer, EMPTY, type Endpoint, type Request, takesGzip } from './exchange.ts';

/** What the page's server has to know of the cluster. */
export interface PageFilesOptions {
  /** Where a slave serves its files, e.g. `http://10.0.0.7:5051`; undefined if there is no such slave. */
  readonly originOf: (slaveId: string) => string | undefined;
}

/** A file as it is sent. */
interface Asset {
  readonly type: string;
  readonly body: Buffer;
  readonly tag: string;
  packed: Promise<Buffer> | undefined;
}

const FOLDER = join(import.meta.dirname, 'page');
const LIB = '/page/lib';
const JAVASCRIPT = 'text/javascript; charset=utf-8';
const HTML = 'text/html; charset=utf-8';
const zipped = promisify(gzip);

/** Packages by the names under which modules import them; browsers know only paths. */
const LIBRARIES: Readonly<Record<string, string>> = {
  preact: `${LIB}/preact.js`,
  'preact/hooks': `${LIB}/hooks.js`,
  htm: `${LIB}/htm.js`,
  '@tanstack/virtual-core': `${LIB}/virtual-core/index.js`,
};

/** The endpoints of the page, by path. Files are read when they are first asked for. */
export function pageFiles({ originOf }: PageFilesOptions): ReadonlyMap<string, Endpoint> {
  const endpoints = new Map<string, Endpoint>();
  for (const [path, make] of allAssets()) {
    let asset: Asset | undefined;
    endpoints.set(path, (request) => {
      asset ??= make();
      return answer(request, asset, headersOf(path, request, originOf));
    });
  }
  return endpoints;
}

/** What a file is sent with beside the headers of all. */
function headersOf(
  path: string,
  { query }: Request,
  originOf: PageFilesOptions['originOf'],
): Readonly<Record<string, string>> {
  switch (path) {
    case '/':
      return documentHeaders([]);
    case '/sandbox': {
      // The slave whose files are shown is the only other one that this document may talk to.
      const origin = originOf(query.get('slave') ?? '');
      return documentHeaders(origin === undefined ? [] : [origin]);
    }
    default:
      return {};
  }
}

/** What a document of ours may do: run our scripts, talk to us and to those, and not be framed. */
function documentHeaders(origins: readonly string[]): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${["'self'", ...origins].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'X-Frame-Options': 'DENY',
  };
}

async function answer(
  request: Request,
  asset: Asset,
  more: Readonly<Record<string, string>>,
): Promise<Answer> {
  requireGet(request);
  const common = {
    ETag: asset.tag,
    // It is asked for anew each time, and sent only if it has changed: no page works with modules of another version.
    'Cache-Control': 'no-cache',
    Vary: 'Accept-Encoding',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin',
    ...more,
  };
  if (tagsOf(request.headers['if-none-match']).includes(asset.tag))
    return { status: 304, headers: { ...EMPTY, ...common } };
  if (!takesGzip(request))
    return { status: 200, headers: { 'Content-Type': asset.type, ...common }, body: asset.body };
  asset.packed ??= zipped(asset.body, { level: 9 });
  const body = await asset.packed;
  return {
    status: 200,
    headers: { 'Content-Type': asset.type, 'Content-Encoding': 'gzip', ...common },
    body,
  };
}

function tagsOf(header: string | undefined): readonly string[] {
  return (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
}

/** How to make each file, by path. */
function allAssets(): ReadonlyMap<string, () => Asset> {
  const names = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).map((name) =>
    name.replaceAll('\\', '/'),
  );
  const modules = names.filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !/(^|\/)test[A-Z]/.test(name),
  );
  const styles = names.filter((name) => name.endsWith('.css'));
  return new Map<string, () => Asset>([
    ['/', () => document('index.html', 'main.ts')],
    ['/sandbox', () => document('sandbox.html', 'sandbox.ts')],
    ['/page/icon.svg', () => asset('image/svg+xml', read('icon.svg'))],
    ...modules.map((name) => [`/page/${name}`, () => asset(JAVASCRIPT, moduleText(name))] as const),
    ...styles.map((name) => [`/page/${name}`, () => asset('text/css; charset=utf-8', read(name))] as const),
    ...libraryAssets(),
  ]);
}

function asset(type: string, text: string): Asset {
  const body = Buffer.from(text, 'utf8');
  const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
  return { type, body, tag, packed: undefined };
}

const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

const moduleTexts = new Map<string, string>();

/** A module as browsers run it. */
function moduleText(name: string): string {
  const text = moduleTexts.get(name) ?? stripped(name);
  moduleTexts.set(name, text);
  return text;
}

function stripped(name: string): string {
  const { emitWarning } = process;
  // Node says that stripping types is an experiment of its own; who runs a master can do nothing about that.
  process.emitWarning = () => {};
  try {
    return withPaths(stripTypeScriptTypes(read(name)));
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** A document that names all modules that it will need, so that they are fetched at once and not one after the other. */
function document(file: string, entry: string): Asset {
  const links = [...reachable(entry)].map((path) => `<link rel="modulepreload" href="${path}">`);
  return asset(HTML, read(file).replace('<!-- modules -->', links.join('\n')));
}

const IMPORT = /(\bfrom\s*|\bimport\s*)(["'])([\w@./-]+)\2/g;

/** The paths of a module and of all that it imports, at once or by way of others. */
function reachable(entry: string): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (path: string): void => {
    if (found.has(path)) return;
    found.add(path);
    const name = path.slice('/page/'.length);
    if (!name.endsWith('.ts')) return;
    for (const [, , , target = ''] of moduleText(name).matchAll(IMPORT))
      visit(new URL(target, `http://page${path}`).pathname);
  };
  visit(`/page/${entry}`);
  return found;
}

/** Names of packages become paths. */
function withPaths(code: string): string {
  return code.replace(IMPORT, (whole, word: string, quote: string, name: string) =>
    Object.hasOwn(LIBRARIES, name) ? `${word}${quote}${LIBRARIES[name]}${quote}` : whole,
  );
}

/** What the page needs of the installed packages. */
function libraryAssets(): readonly (readonly [string, () => Asset])[] {
  const installed = (name: string): string => fileURLToPath(import.meta.resolve(name));
  const script = (file: string, change = (code: string) => code) =>
    asset(JAVASCRIPT, change(withPaths(withoutMap(readFileSync(file, 'utf8')))));
  const virtual = dirname(installed('@tanstack/virtual-core'));
  const virtualFiles = readdirSync(virtual).filter((name) => name.endsWith('.js'));
  return [
    [`${LIB}/preact.js`, () => script(installed('preact'))],
    [`${LIB}/hooks.js`, () => script(installed('preact/hooks'))],
    [`${LIB}/htm.js`, () => script(join(dirname(installed('htm')), 'htm.module.js'))],
    ...virtualFiles.map(
      (name) =>
        [
          `${LIB}/virtual-core/${name}`,
          () =>
            script(join(virtual, name), (code) =>
              code.replaceAll('process.env.NODE_ENV', JSON.stringify('production')),
            ),
        ] as const,
    ),
    [`${LIB}/vega.js`, () => script(join(dirname(installed('vega')), 'vega.min.js'))],
    [`${LIB}/vega-interpreter.js`, () => script(interpreterFile(installed('vega-embed')), withGlobalVega)],
  ];
}

const withoutMap = (code: string): string => code.replace(/^\/\/# sourceMappingURL=.*$/gm, '');

/** The interpreter of expressions comes with vega-embed: our policy forbids to make code of text. */
function interpreterFile(embed: string): string {
  return createRequire(embed).resolve('vega-interpreter');
}

/** Vega itself is a script, not a module: it defines `vega`. */
function withGlobalVega(code: string): string {
  return code.replace(/import \{([^}]*)\} from ["']vega-util["'];?/, 'const {$1} = globalThis.vega;');
}
