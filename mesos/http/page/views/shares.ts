/** Dominant shares over the last minutes, as a chart that goes on. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { useTopic } from '../cluster.ts';
import { percent } from '../format.ts';
import { html } from '../html.ts';
import { hrefTo } from '../route.ts';
import { type Chart, openChart } from '../shareChart.ts';

/** The view. */
export function Shares() {
  const history = useTopic('shares', {});
  const place = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<Chart>();
  const [trouble, setTrouble] = useState('');
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    let isOver = false;
    let opened: Chart | undefined;
    openChart(element).then(
      (made) => {
        if (isOver) return made.close();
        opened = made;
        setChart(made);
      },
      (error: Error) => setTrouble(error.message),
    );
    return () => {
      isOver = true;
      opened?.close();
    };
  }, []);
  useEffect(() => {
    if (chart !== undefined && history !== undefined) chart.show(history);
  }, [chart, history]);
  const latest = history?.samples.at(-1)?.shares;
  return html`<div class="shares">
    <h1>Dominant shares, the last 15 minutes</h1>
    <p class="lead">The largest part of any one resource of the cluster that each framework’s tasks use. Noted every 2 s since this page was opened; the ${history?.frameworks.length === 8 ? 'eight largest are' : 'largest are'} drawn.</p>
    <figure class="figure">
      <ul class="key">${history?.frameworks.map(
        ({ id, name, colour }, index) =>
          html`<li key=${id}><span class=${`line colour-${colour}`} aria-hidden="true"></span><a href=${hrefTo('framework', id)}>${name}</a> <b>${
            latest === undefined || latest[index] === null || latest[index] === undefined
              ? '–'
              : percent(latest[index])
          }</b></li>`,
      )}</ul>
      <div class="chart" ref=${place} role="img" aria-label="Lines of dominant shares over time; the list above has the latest values"></div>
      ${trouble !== '' && html`<p class="missing">The chart could not be drawn: ${trouble}</p>`}
      ${history !== undefined && history.frameworks.length === 0 && html`<p class="missing">There is no framework yet.</p>`}
    </figure>
  </div>`;
}
