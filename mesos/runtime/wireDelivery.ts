/** What a turn of the event loop leaves for its end, to be handed to actors of this process. */
import type { Message } from '../protocol/message.ts';
import type { Address } from './actor.ts';
import type { Watches } from './link/peer.ts';
import type { WireActor } from './wireActor.ts';
import type { Route } from './wireRoutes.ts';

/** Something for actors of this process. */
export type Delivery =
  | { readonly kind: 'message'; readonly to: Route; readonly from: WireActor; readonly message: Message }
  | { readonly kind: 'lost'; readonly watches: Watches }
  /** It was not there when it was to be watched. If it is by then, nothing is lost. */
  | { readonly kind: 'absent'; readonly address: Address; readonly watcher: WireActor };

/** The loss of an actor that was stopped, for those that watched it. */
export function lossOf({ self, watchers }: WireActor): Delivery {
  return { kind: 'lost', watches: new Map([...watchers].map((watcher) => [watcher, self])) };
}
