/** The page of a slave's sandboxes: which there are, what is in them, and files as they are written. */
import { useEffect, useState } from 'preact/hooks';
import { type Drawn, html } from '../html.ts';
import { decoded, useHash } from '../route.ts';
import { knownAuthorization, SignIn } from '../signIn.ts';
import { useTheme } from '../theme.ts';
import { FileView } from './fileView.ts';
import { FolderView } from './folderView.ts';
import { askSlave, type Entry, type FileSlave, findSlave, type Sandbox, sandboxesIn } from './slaveFiles.ts';

/** What is known of the slave. */
type Known =
  | { readonly is: 'asking' }
  | { readonly is: 'trouble'; readonly why: string }
  | { readonly is: 'locked' }
  | { readonly is: 'there'; readonly slave: FileSlave; readonly sandboxes: readonly Sandbox[] };

/** Where one is in a sandbox: behind the `#`, the container and a path; a folder's ends with a slash. */
interface Place {
  readonly containerId: string;
  readonly path: string;
}

/** The page. */
export function SandboxPage() {
  const query = new URLSearchParams(location.search);
  const [known, setKnown] = useState<Known>({ is: 'asking' });
  const [isDark, changeTheme] = useTheme();
  const place = usePlace();
  const slaveId = query.get('slave') ?? '';
  const load = (): void => {
    setKnown({ is: 'asking' });
    loadSandboxes(slaveId).then(setKnown);
  };
  useEffect(load, []);
  return html`<div class="page">
    <a class="skip" href="#main" onClick=${(event: Event) => {
      event.preventDefault();
      document.getElementById('main')?.focus();
    }}>To the content</a>
    <header class="bar sandbox-bar">
      <a class="name" href="/">mesos-lab</a>
      <p class="where">Sandbox</p>
      <div class="bar-tools"><button type="button" aria-pressed=${isDark} onClick=${changeTheme}><span aria-hidden="true">${isDark ? '●' : '○'}</span> Dark</button></div>
    </header>
    <main id="main" tabindex="-1">${content(known, place, query, slaveId, load)}</main>
  </div>`;
}

function content(
  known: Known,
  place: Place | undefined,
  query: URLSearchParams,
  slaveId: string,
  again: () => void,
): Drawn {
  switch (known.is) {
    case 'asking':
      return html`<p class="none">Asking the slave …</p>`;
    case 'locked':
      return html`<${SignIn} schemes=${['Basic', 'Bearer']} isWrong=${knownAuthorization() !== undefined} done=${again} />`;
    case 'trouble':
      return html`<h1>Sandbox</h1><p class="bad" role="alert">This cannot be shown: ${known.why}</p>
        <p><button type="button" onClick=${again}>Try again</button></p>`;
    case 'there': {
      const { slave, sandboxes } = known;
      const sandbox = chosen(sandboxes, place, query);
      return html`<nav class="crumb" aria-label="Path"><a href=${`/#/slave/${encodeURIComponent(slaveId)}`}>${slave.hostname}</a>${
        sandbox !== undefined &&
        html` / <a href=${placeHref({ containerId: '', path: '' })}>sandboxes</a> / ${crumbs(sandbox, place?.path ?? '')}`
      }</nav>
      ${sandbox === undefined ? sandboxList(sandboxes, query, place) : inside(slave, sandbox, place?.path ?? '')}`;
    }
    default:
      return known satisfies never;
  }
}

/** The sandbox that the address names. An executor has several if it ran several times: the latest counts. */
function chosen(
  sandboxes: readonly Sandbox[],
  place: Place | undefined,
  query: URLSearchParams,
): Sandbox | undefined {
  if (place !== undefined) return sandboxes.find(({ containerId }) => containerId === place.containerId);
  const executorId = query.get('executor');
  const its = sandboxes.filter(
    (one) => one.executorId === executorId && one.frameworkId === query.get('framework'),
  );
  return its.find(({ isLive }) => isLive) ?? its.at(-1);
}

function sandboxList(sandboxes: readonly Sandbox[], query: URLSearchParams, place: Place | undefined): Drawn {
  const wanted = query.get('executor');
  return html`<h1>Sandboxes</h1>
    ${wanted !== null && place === undefined && html`<p class="missing">The slave has no sandbox of the executor ${wanted} to show.</p>`}
    ${
      sandboxes.length === 0
        ? html`<p class="missing">There is none. Slaves with modelled tasks have no files.</p>`
        : html`<table class="plain">
      <thead><tr><th scope="col">Executor</th><th scope="col">Framework</th><th scope="col">State</th><th scope="col">Tasks</th></tr></thead>
      <tbody>${sandboxes.map(
        ({ containerId, executorId, framework, isLive, tasks }) => html`<tr key=${containerId}>
          <th scope="row" data-label="Executor"><a href=${placeHref({ containerId, path: '' })}>${executorId}</a></th>
          <td data-label="Framework">${framework}</td>
          <td data-label="State">${isLive ? '● lives' : '✓ has ended'}</td>
          <td data-label="Tasks">${tasks.slice(0, 5).join(', ')}${tasks.length > 5 && ` and ${tasks.length - 5} more`}</td>
        </tr>`,
      )}</tbody></table>`
    }`;
}

function crumbs({ containerId, executorId }: Sandbox, path: string): Drawn {
  const names = path.split('/').filter((name) => name !== '');
  return [
    html`<a href=${placeHref({ containerId, path: '' })}>${executorId}</a>`,
    ...names.map((name, index) => {
      const isLast = index === names.length - 1;
      const href = placeHref({ containerId, path: `${names.slice(0, index + 1).join('/')}/` });
      return isLast
        ? html` / <span aria-current="page">${name}</span>`
        : html` / <a href=${href}>${name}</a>`;
    }),
  ];
}

function inside(slave: FileSlave, sandbox: Sandbox, path: string): Drawn {
  const { directory, containerId, executorId, isLive, framework } = sandbox;
  const isFolder = path === '' || path.endsWith('/');
  const whole = `${directory}/${path}`.replace(/\/+$/, '');
  const name = path.split('/').filter(Boolean).at(-1) ?? executorId;
  const hrefTo = (entry: Entry): string =>
    placeHref({ containerId, path: `${path}${entry.name}${entry.isFolder ? '/' : ''}` });
  const shared = { slave, authorization: knownAuthorization(), path: whole };
  return html`<h1>${name}</h1>
    <p class="lead">Of ${executorId}, an executor of ${framework} that ${isLive ? 'lives' : 'has ended'}.</p>
    ${isFolder ? html`<${FolderView} key=${whole} ...${shared} hrefTo=${hrefTo} />` : html`<${FileView} key=${whole} ...${shared} />`}`;
}

function placeHref({ containerId, path }: Place): string {
  return `#${encodeURIComponent(containerId)}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

function readPlace(hash: string): Place | undefined {
  if (hash.length < 2) return undefined;
  const [containerId = '', ...path] = hash.slice(1).split('/').map(decoded);
  return { containerId, path: path.join('/') };
}

const usePlace = (): Place | undefined => readPlace(useHash());

async function loadSandboxes(slaveId: string): Promise<Known> {
  const authorization = knownAuthorization();
  try {
    const slave = await findSlave(authorization, slaveId);
    const state: unknown = await (await askSlave(slave, authorization, '/state')).json();
    return { is: 'there', slave, sandboxes: sandboxesIn(state) };
  } catch (error) {
    const why = (error as Error).message;
    return why.startsWith('Who are you?') ? { is: 'locked' } : { is: 'trouble', why };
  }
}
