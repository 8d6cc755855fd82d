/** The views that are one table. */
import { html } from '../html.ts';
import type { FrameworkRow, SlaveRow } from '../model/rows.ts';
import { phaseOf, TASK_STATES, type TaskState } from '../model/taskStates.ts';
import { FRAMEWORK_COLUMNS, OFFER_COLUMNS, SLAVE_COLUMNS, TASK_COLUMNS } from '../parts/columnsOf.ts';
import { type Choice, DataTable } from '../parts/dataTable.ts';
import { hrefTo } from '../route.ts';
import { SLAVE_SIGNS, TASK_SIGNS } from '../signs.ts';

interface ListOptions {
  readonly query: URLSearchParams;
}

/** All slaves. */
export function Slaves({ query }: ListOptions) {
  return html`<h1 class="off-screen">Slaves</h1>
    <${DataTable} table="slaves" things="slaves" label="Slaves" columns=${SLAVE_COLUMNS} query=${query}
      order=${{ sort: 'hostname', descending: false }} choices=${slaveChoices}
      href=${({ id }: SlaveRow) => hrefTo('slave', id)} empty="No slave has registered yet." />`;
}

function slaveChoices(kinds: Readonly<Record<string, number>>): readonly Choice[] {
  return [
    { value: '', label: 'in any state' },
    ...Object.entries(SLAVE_SIGNS).map(([state, { word }]) => ({
      value: state,
      label: `${word} (${kinds[state] ?? 0})`,
    })),
  ];
}

/** All frameworks. */
export function Frameworks({ query }: ListOptions) {
  return html`<h1 class="off-screen">Frameworks</h1>
    <${DataTable} table="frameworks" things="frameworks" label="Frameworks" columns=${FRAMEWORK_COLUMNS} query=${query}
      order=${{ sort: 'share', descending: true }} choices=${frameworkChoices}
      href=${({ id }: FrameworkRow) => hrefTo('framework', id)} empty="No framework has subscribed yet." />`;
}

function frameworkChoices(kinds: Readonly<Record<string, number>>): readonly Choice[] {
  const all = Object.values(kinds).reduce((sum, some) => sum + some, 0);
  const completed = kinds.completed ?? 0;
  return [
    { value: 'current', label: `current (${all - completed})` },
    { value: 'completed', label: `completed (${completed})` },
    { value: '', label: `all (${all})` },
  ];
}

/** All tasks. */
export function Tasks({ query }: ListOptions) {
  return html`<h1 class="off-screen">Tasks</h1>
    <${DataTable} table="tasks" things="tasks" label="Tasks" columns=${TASK_COLUMNS} query=${query}
      order=${TASK_ORDER} choices=${taskChoices} empty="No task has been launched yet." />`;
}

/** Tasks stand in the order of their ids at first: that does not change while one reads. */
export const TASK_ORDER = { sort: 'id', descending: false };

/** Which tasks to show. */
export function taskChoices(kinds: Readonly<Record<string, number>>): readonly Choice[] {
  const sum = (phase: string): number =>
    TASK_STATES.filter((state) => phaseOf(state) === phase).reduce(
      (all, state) => all + (kinds[state] ?? 0),
      0,
    );
  const one = (state: TaskState): readonly Choice[] =>
    (kinds[state] ?? 0) === 0 ? [] : [{ value: state, label: `${TASK_SIGNS[state].word} (${kinds[state]})` }];
  return [
    { value: '', label: 'in any state' },
    { value: 'live', label: `live (${sum('live')})` },
    { value: 'ended', label: `ended (${sum('ended')})` },
    ...TASK_STATES.flatMap(one),
  ];
}

/** All offers. */
export function Offers({ query }: ListOptions) {
  return html`<h1 class="off-screen">Offers</h1>
    <${DataTable} table="offers" things="offers" label="Offers that have not been answered" columns=${OFFER_COLUMNS}
      query=${query} order=${{ sort: 'held', descending: true }} empty="No offer waits for an answer."
      hint="Asked for every 2 s while you look." />`;
}
