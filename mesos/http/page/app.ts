/** The frame of the page: heading, navigation, what is wrong, and the view that one is at. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Banner } from './banner.ts';
import { connect, useTopic } from './cluster.ts';
import { Help } from './help.ts';
import { html } from './html.ts';
import { hrefTo, type Route, useRoute, VIEWS, type ViewName } from './route.ts';
import { useShortcuts } from './shortcuts.ts';
import { SignIn } from './signIn.ts';
import { useTheme } from './theme.ts';
import type { Link } from './topics.ts';
import { FrameworkPage } from './views/framework.ts';
import { Frameworks, Offers, Slaves, Tasks } from './views/lists.ts';
import { Overview } from './views/overview.ts';
import { Roles } from './views/roles.ts';
import { Shares } from './views/shares.ts';
import { SlavePage } from './views/slave.ts';

const TITLES: Readonly<Record<ViewName, string>> = {
  overview: 'Overview',
  frameworks: 'Frameworks',
  slaves: 'Slaves',
  tasks: 'Tasks',
  offers: 'Offers',
  roles: 'Roles',
  shares: 'Shares over time',
  framework: 'Framework',
  slave: 'Slave',
};

/** The page. */
export function App() {
  const route = useRoute();
  const link = useTopic('link', {}) ?? { is: 'connecting' };
  const [isDark, changeTheme] = useTheme();
  const [isHelpOpen, setHelpOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  useShortcuts({ help: () => setHelpOpen(true) });
  useTitle(route, main);
  const lock = useLock(link);
  const isTable = ['frameworks', 'slaves', 'tasks', 'offers'].includes(route.view);
  return html`<div class=${`page ${isTable ? 'fills' : ''}`}>
    <a class="skip" href="#main" onClick=${(event: Event) => {
      event.preventDefault();
      main.current?.focus();
    }}>To the content</a>
    <header class="bar">
      <a class="name" href=${hrefTo('overview')}>mesos-lab</a>
      <${Connection} link=${link} />
      <div class="bar-tools">
        <button type="button" aria-pressed=${isDark} onClick=${changeTheme}><span aria-hidden="true">${isDark ? '●' : '○'}</span> Dark</button>
        <button type="button" aria-label="Help" aria-keyshortcuts="?" onClick=${() => setHelpOpen(true)}>?</button>
      </div>
      <nav class="tabs" aria-label="Views"><ul>
        ${VIEWS.map(
          (view) =>
            html`<li key=${view}><a href=${hrefTo(view)} aria-current=${partOf(route.view) === view ? 'page' : undefined}>${TITLES[view]}</a></li>`,
        )}
      </ul></nav>
    </header>
    <${Banner} link=${link} />
    <main id="main" tabindex="-1" ref=${main}>
      ${lock === undefined ? view(route) : html`<${SignIn} schemes=${lock.schemes} isWrong=${link.is === 'locked' && link.isWrong} done=${connect} />`}
    </main>
    ${isHelpOpen && html`<${Help} close=${() => setHelpOpen(false)} />`}
  </div>`;
}

/** The view of the navigation that a view belongs to. */
function partOf(view: ViewName): ViewName {
  if (view === 'framework') return 'frameworks';
  return view === 'slave' ? 'slaves' : view;
}

function view(route: Route) {
  switch (route.view) {
    case 'overview':
      return html`<${Overview} />`;
    case 'frameworks':
      return html`<${Frameworks} query=${route.query} />`;
    case 'slaves':
      return html`<${Slaves} query=${route.query} />`;
    case 'tasks':
      return html`<${Tasks} query=${route.query} />`;
    case 'offers':
      return html`<${Offers} query=${route.query} />`;
    case 'roles':
      return html`<${Roles} />`;
    case 'shares':
      return html`<${Shares} />`;
    case 'framework':
      return html`<${FrameworkPage} key=${route.id} id=${route.id} part=${route.part} query=${route.query} />`;
    case 'slave':
      return html`<${SlavePage} key=${route.id} id=${route.id} part=${route.part} query=${route.query} />`;
    default:
      return route.view satisfies never;
  }
}

/** Names the place in the window's title; who comes by keyboard starts in the new view. */
function useTitle({ view: at, id }: Route, main: { current: HTMLElement | null }): void {
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${TITLES[at]} · mesos-lab`;
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    main.current?.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }, [at, id]);
}

/** The master wants to know who asks; also while it looks at what it was told, so that nothing has to be typed twice. */
function useLock(link: Link): (Link & { readonly is: 'locked' }) | undefined {
  const lock = useRef<Link & { readonly is: 'locked' }>(undefined);
  if (link.is === 'locked') lock.current = link;
  else if (link.is !== 'connecting') lock.current = undefined;
  return lock.current;
}

function Connection({ link }: { readonly link: Link }) {
  const [tone, glyph, word] = connectionSign(link);
  return html`<p class=${`connection ${tone}`} role="status"><span class="glyph" aria-hidden="true">${glyph}</span> ${word}</p>`;
}

function connectionSign(link: Link): readonly [string, string, string] {
  switch (link.is) {
    case 'connecting':
      return ['busy', '◌', 'connecting'];
    case 'loading':
      return ['busy', '◔', `loading ${Math.floor((100 * link.bytes) / link.ofBytes)}%`];
    case 'live':
      return ['good', '●', 'live'];
    case 'lost':
      return ['bad', '▲', 'not live'];
    case 'standby':
      return ['busy', '▲', 'standby'];
    case 'locked':
      return ['busy', '■', 'locked'];
    default:
      return link satisfies never;
  }
}
