/** The page's side of its worker: what is watched, and what was told last. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { every, now } from './clock.ts';
import type { Ask, Order, Told, TopicName, Topics } from './topics.ts';

const worker = new Worker('/page/worker.ts', { type: 'module', name: 'cluster' });
const listeners = new Map<number, (value: unknown) => void>();
let watches = 0;

worker.addEventListener('message', ({ data }: MessageEvent<Told>) => {
  listeners.get(data.watch)?.(data.value);
});
document.addEventListener('visibilitychange', () => send({ do: 'show', isVisible: !document.hidden }));

function send(order: Order): void {
  worker.postMessage(order);
}

/** Connects to the master, as somebody or as nobody. */
export function connect(authorization: string | undefined): void {
  send({ do: 'connect', authorization });
}

/** Lets the worker know at the start whether anybody looks. */
export function start(authorization: string | undefined): void {
  send({ do: 'show', isVisible: !document.hidden });
  connect(authorization);
}

/**
 * The latest value of a topic; undefined until it is told. While only the `keep` part of what is asked stays the same, the last
 * value stands until there is another.
 */
export function useTopic<T extends TopicName>(
  is: T,
  ask: Topics[T]['ask'],
  keep: string = JSON.stringify(ask),
): Topics[T]['tell'] | undefined {
  const [told, setTold] = useState<{ readonly keep: string; readonly value: unknown }>();
  const watch = useRef(0);
  const kept = useRef(keep);
  kept.current = keep;
  useEffect(() => {
    watch.current = ++watches;
    const mine = watch.current;
    listeners.set(mine, (value) => setTold({ keep: kept.current, value }));
    return () => {
      listeners.delete(mine);
      send({ do: 'unwatch', watch: mine });
    };
  }, [keep]);
  const key = JSON.stringify(ask);
  useEffect(() => send({ do: 'watch', watch: watch.current, ask: { is, ...ask } as Ask }), [keep, key]);
  return told?.keep === keep ? (told.value as Topics[T]['tell']) : undefined;
}

/** The time, each second. */
export function useNow(): number {
  const [time, setTime] = useState(now);
  useEffect(() => every(1000, () => setTime(now())), []);
  return time;
}
