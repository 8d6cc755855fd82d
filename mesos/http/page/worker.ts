/** The worker of the page: it listens to the master, knows the cluster, and tells the page what it watches. */
import { answers } from './answers.ts';
import { after, every, now, steady } from './clock.ts';
import { apply } from './model/events.ts';
import { type Model, newModel } from './model/model.ts';
import { SAMPLE_EVERY_MS, shareNotes } from './model/shareHistory.ts';
import { polls } from './polls.ts';
import { openStream } from './stream.ts';
import type { Ask, Link, Order, Told } from './topics.ts';

/** The page is told of changes at most so often. */
const TELL_EVERY_MS = 250;
/** Of the worker's time, at most this part goes into telling. */
const BUSY_MAX = 0.3;

let model: Model = newModel();
let link: Link = { is: 'connecting' };
let isVisible = true;
let cancelTelling: (() => void) | undefined;
const watched = new Map<number, Ask>();
const told = new Map<number, string>();
const notes = shareNotes();
const sources = polls(() => tellSoon());
const answer = answers({ model: () => model, link: () => link, sources, notes });

const stream = openStream({
  link(changed) {
    if (changed.is === 'live' && link.is !== 'live') sources.forget();
    link = changed;
    tellSoon(0);
  },
  event(event) {
    model = apply(model, event);
    tellSoon();
  },
});

/** Tells the page what has changed, now or soon. */
function tellSoon(delayMs = TELL_EVERY_MS): void {
  if (delayMs === 0) {
    cancelTelling?.();
    cancelTelling = undefined;
    return tell();
  }
  cancelTelling ??= after(delayMs, () => {
    cancelTelling = undefined;
    tell();
  });
}

let restUntil = 0;

function tell(): void {
  if (!isVisible) return;
  if (steady() < restUntil) return tellSoon();
  const begun = steady();
  for (const [watch, ask] of watched) tellOf(watch, ask, false);
  const spent = steady() - begun;
  restUntil = steady() + spent / BUSY_MAX - spent;
}

function tellOf(watch: number, ask: Ask, isHurried: boolean): void {
  const { value, edition } = answer(ask, isHurried);
  // What has not changed is not told again.
  if (edition !== undefined && told.get(watch) === edition) return;
  if (edition !== undefined) told.set(watch, edition);
  postMessage({ watch, value } satisfies Told);
}

function wakePolls(): void {
  if (isVisible && link.is === 'live') sources.wake([...watched.values()]);
}

addEventListener('message', ({ data }: MessageEvent<Order>) => {
  switch (data.do) {
    case 'connect':
      sources.authorize(data.authorization);
      return stream.connect(data.authorization);
    case 'show':
      isVisible = data.isVisible;
      wakePolls();
      return tell();
    case 'watch':
      watched.set(data.watch, data.ask);
      told.delete(data.watch);
      wakePolls();
      return tellOf(data.watch, data.ask, true);
    case 'unwatch':
      watched.delete(data.watch);
      told.delete(data.watch);
      return;
    default:
      return data satisfies never;
  }
});

every(SAMPLE_EVERY_MS, () => {
  if (link.is !== 'live') return;
  notes.note(model, now());
  tellSoon();
});
every(500, wakePolls);
