/** The columns of the page's tables. */
import { counted, quantitiesText, quantity, span, time } from '../format.ts';
import { type Drawn, html } from '../html.ts';
import type { FrameworkRow, OfferRow, SlaveRow, TaskRow, WhyNotRow } from '../model/rows.ts';
import { reasonWords } from '../reasons.ts';
import { hrefTo } from '../route.ts';
import { FRAMEWORK_SIGNS, SLAVE_SIGNS, TASK_SIGNS } from '../signs.ts';
import type { Column } from './columns.ts';
import { mark, shareMark, usage } from './marks.ts';

const link = (href: string, text: string): Drawn =>
  html`<a href=${href} tabindex="-1" title=${text}>${text}</a>`;
const plain = (text: string): Drawn => html`<span title=${text}>${text}</span>`;

/** Where the files of an executor are shown. */
function sandboxHref(slaveId: string, frameworkId: string, executorId: string): string {
  return `/sandbox?${new URLSearchParams({ slave: slaveId, framework: frameworkId, executor: executorId })}`;
}

const slaveLink = (id: string, hostname: string): Drawn => link(hrefTo('slave', id), hostname);
const frameworkLink = (id: string, name: string): Drawn => link(hrefTo('framework', id), name || id);

/** Of slaves. */
export const SLAVE_COLUMNS: readonly Column<SlaveRow>[] = [
  { key: 'hostname', title: 'Slave', px: 124, rank: 0, cell: ({ id, hostname }) => slaveLink(id, hostname) },
  { key: 'state', title: 'State', px: 98, rank: 1, cell: ({ state }) => mark(SLAVE_SIGNS[state]) },
  {
    key: 'cpus',
    title: 'CPUs in use',
    px: 112,
    rank: 2,
    largestFirst: true,
    cell: ({ used, total }) => usage('cpus', used.cpus ?? 0, total.cpus ?? 0),
  },
  {
    key: 'mem',
    title: 'Memory in use',
    px: 170,
    rank: 3,
    largestFirst: true,
    cell: ({ used, total }) => usage('mem', used.mem ?? 0, total.mem ?? 0),
  },
  {
    key: 'tasks',
    title: 'Tasks',
    px: 50,
    rank: 4,
    isNumber: true,
    largestFirst: true,
    cell: ({ tasks }) => tasks,
  },
  { key: 'attributes', title: 'Attributes', px: 100, rank: 7, cell: ({ attributes }) => plain(attributes) },
  {
    key: 'since',
    title: 'Registered',
    px: 110,
    rank: 6,
    isNumber: true,
    cell: ({ registeredMs }, nowMs) =>
      registeredMs === undefined ? '–' : `${span(nowMs - registeredMs)} ago`,
  },
  {
    key: 'address',
    title: 'Address',
    px: 150,
    rank: 5,
    isFixed: true,
    cell: ({ address }) => plain(address),
  },
];

/** Of frameworks. */
export const FRAMEWORK_COLUMNS: readonly Column<FrameworkRow>[] = [
  { key: 'name', title: 'Framework', px: 150, rank: 0, cell: ({ id, name }) => frameworkLink(id, name) },
  { key: 'state', title: 'State', px: 122, rank: 3, cell: ({ state }) => mark(FRAMEWORK_SIGNS[state]) },
  { key: 'role', title: 'Role', px: 90, rank: 4, cell: ({ role }) => plain(role) },
  {
    key: 'share',
    title: 'Dominant share',
    px: 136,
    rank: 1,
    largestFirst: true,
    cell: ({ share, shareOf }) => shareMark(share, shareOf),
  },
  {
    key: 'tasks',
    title: 'Tasks',
    px: 56,
    rank: 2,
    isNumber: true,
    largestFirst: true,
    cell: ({ tasks }) => tasks,
  },
  {
    key: 'cpus',
    title: 'CPUs',
    px: 80,
    rank: 6,
    isNumber: true,
    largestFirst: true,
    cell: ({ used }) => quantity('cpus', used.cpus ?? 0),
  },
  {
    key: 'mem',
    title: 'Memory',
    px: 90,
    rank: 7,
    isNumber: true,
    largestFirst: true,
    cell: ({ used }) => quantity('mem', used.mem ?? 0),
  },
  {
    key: 'offers',
    title: 'Offers held',
    px: 150,
    rank: 5,
    largestFirst: true,
    cell: ({ id, offers, oldestOfferMs, state }, nowMs) => {
      if (state === 'completed') return '';
      if (offers === undefined) return html`<span class="none">…</span>`;
      if (offers === 0) return link(hrefTo('framework', id, 'why'), 'none: why?');
      return `${counted(offers, 'offer')}, ${span(nowMs - (oldestOfferMs ?? nowMs))}`;
    },
  },
  {
    key: 'since',
    title: 'Registered',
    px: 110,
    rank: 8,
    isNumber: true,
    cell: ({ registeredMs }, nowMs) =>
      registeredMs === undefined ? '–' : `${span(nowMs - registeredMs)} ago`,
  },
];

/** Of tasks. */
export const TASK_COLUMNS: readonly Column<TaskRow>[] = [
  { key: 'id', title: 'Task', px: 130, rank: 0, cell: ({ id }) => plain(id) },
  { key: 'state', title: 'State', px: 100, rank: 1, cell: ({ state }) => mark(TASK_SIGNS[state]) },
  {
    key: 'changed',
    title: 'Since',
    px: 92,
    rank: 3,
    isNumber: true,
    cell: ({ changedMs }, nowMs) => (changedMs === undefined ? '–' : span(nowMs - changedMs)),
  },
  {
    key: 'framework',
    title: 'Framework',
    px: 130,
    rank: 4,
    cell: ({ frameworkId, framework }) => frameworkLink(frameworkId, framework),
  },
  {
    key: 'slave',
    title: 'Slave',
    px: 116,
    rank: 2,
    cell: ({ slaveId, hostname, isSlaveHere }) =>
      isSlaveHere
        ? slaveLink(slaveId, hostname)
        : html`<span title="It has left the cluster">${hostname} (left)</span>`,
  },
  {
    key: 'cpus',
    title: 'CPUs',
    px: 62,
    rank: 6,
    isNumber: true,
    largestFirst: true,
    cell: ({ resources }) => quantity('cpus', resources.cpus ?? 0),
  },
  {
    key: 'mem',
    title: 'Memory',
    px: 82,
    rank: 7,
    isNumber: true,
    largestFirst: true,
    cell: ({ resources }) => quantity('mem', resources.mem ?? 0),
  },
  {
    key: 'files',
    title: 'Files',
    px: 74,
    rank: 5,
    isFixed: true,
    cell: ({ slaveId, frameworkId, executorId, id, isSlaveHere }) =>
      isSlaveHere
        ? html`<a href=${sandboxHref(slaveId, frameworkId, executorId || id)} tabindex="-1">sandbox</a>`
        : html`<span class="none">–</span>`,
  },
  {
    key: 'why',
    title: 'What its status says',
    px: 190,
    rank: 8,
    isFixed: true,
    cell: ({ why }) => plain(why),
  },
];

/** Of offers. */
export const OFFER_COLUMNS: readonly Column<OfferRow>[] = [
  {
    key: 'framework',
    title: 'Held by',
    px: 150,
    rank: 0,
    cell: ({ frameworkId, framework }) => frameworkLink(frameworkId, framework),
  },
  {
    key: 'held',
    title: 'For',
    px: 90,
    rank: 1,
    isNumber: true,
    largestFirst: true,
    cell: ({ madeMs }, nowMs) => span(nowMs - madeMs),
  },
  {
    key: 'slave',
    title: 'Slave',
    px: 160,
    rank: 2,
    cell: ({ slaveId, hostname }) => slaveLink(slaveId, hostname),
  },
  {
    key: 'cpus',
    title: 'CPUs',
    px: 80,
    rank: 4,
    isNumber: true,
    largestFirst: true,
    cell: ({ resources }) => quantity('cpus', resources.cpus ?? 0),
  },
  {
    key: 'mem',
    title: 'Memory',
    px: 90,
    rank: 5,
    isNumber: true,
    largestFirst: true,
    cell: ({ resources }) => quantity('mem', resources.mem ?? 0),
  },
  {
    key: 'all',
    title: 'All of it',
    px: 240,
    rank: 6,
    isFixed: true,
    cell: ({ resources }) => plain(quantitiesText(resources)),
  },
  { key: 'id', title: 'Offer', px: 180, rank: 7, cell: ({ id }) => plain(id) },
];

/** Of reasons. */
export const WHY_NOT_COLUMNS: readonly Column<WhyNotRow>[] = [
  { key: 'slave', title: 'Slave', px: 160, rank: 0, cell: ({ id, hostname }) => slaveLink(id, hostname) },
  { key: 'why', title: 'Reason', px: 190, rank: 1, cell: ({ why }) => reasonWords(why).title },
  {
    key: 'until',
    title: 'Until',
    px: 170,
    rank: 2,
    cell: ({ untilMs }, nowMs) => untilText(untilMs, nowMs),
  },
  { key: 'detail', title: 'More', px: 300, rank: 3, isFixed: true, cell: ({ reason }) => plain(reason) },
];

/** Until when, and how long that is. */
export function untilText(untilMs: number | undefined, nowMs: number): string {
  if (untilMs === undefined) return '';
  if (untilMs === Number.POSITIVE_INFINITY) return 'it revives offers';
  return untilMs <= nowMs ? 'now' : `${time(untilMs, nowMs)}, in ${span(untilMs - nowMs)}`;
}
