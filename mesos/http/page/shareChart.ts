/** The chart of shares: Vega, loaded when it is first wanted. Its expressions are interpreted, since no code may be made of text. */
import type { View } from 'vega';
import { SPEC } from './shareSpec.ts';
import type { ShareHistory } from './topics.ts';

/** A chart that is shown. */
export interface Chart {
  /** Shows what is known by now. */
  show(history: ShareHistory): void;
  close(): void;
}

/** What Vega defines. */
type Vega = typeof import('vega');

interface Interpreter {
  readonly expressionInterpreter: unknown;
}

let vega: Promise<Vega> | undefined;

/** Draws an empty chart. Rejects if Vega does not come. */
export async function openChart(place: HTMLElement): Promise<Chart> {
  vega ??= loadVega();
  const { View: VegaView, parse } = await vega;
  const { expressionInterpreter } = (await import(INTERPRETER)) as Interpreter;
  const runtime = parse(SPEC, undefined, { ast: true } as never);
  const view = new VegaView(runtime, {
    expr: expressionInterpreter,
    renderer: 'svg',
    container: place,
    hover: false,
  } as never);
  const resize = new ResizeObserver(() => void view.width(widthOf(place)).resize().runAsync());
  await view.width(widthOf(place)).runAsync();
  resize.observe(place);
  return {
    show: (history) => update(view, history),
    close() {
      resize.disconnect();
      view.finalize();
    },
  };
}

/** The chart grows from this to its full width. */
const SHORTEST_MS = 60_000;
const INTERPRETER = '/page/lib/vega-interpreter.js';

const widthOf = (place: HTMLElement): number => Math.max(160, place.clientWidth - 8);

function loadVega(): Promise<Vega> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = '/page/lib/vega.js';
    script.onload = () => resolve((globalThis as unknown as { vega: Vega }).vega);
    script.onerror = () => {
      vega = undefined;
      reject(new Error('the master does not send the library that draws it'));
    };
    document.head.append(script);
  });
}

function update(view: View, { frameworks, samples }: ShareHistory): void {
  const lines = frameworks.flatMap(({ id, name, colour }, index) =>
    samples.flatMap(({ atMs, shares }) => {
      const share = shares[index];
      return share === null || share === undefined ? [] : [{ id, name, colour, at: atMs, share }];
    }),
  );
  const untilMs = samples.at(-1)?.atMs ?? 0;
  const fromMs = Math.min(samples[0]?.atMs ?? untilMs, untilMs - SHORTEST_MS);
  void view.data('lines', lines).signal('from', fromMs).signal('until', untilMs).resize().runAsync();
}
