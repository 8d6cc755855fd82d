/** What a turn of the event loop leaves for its end, to be handed to actors of this process. */
import type { Message } from '../protocol/message.ts';
import type { Address } from './actor.ts';
import type { Watches } from './link/peer.ts';
import type { WireActor } from './wireActor.ts';

/** Something for actors of this process. */
export type Delivery =
  /** `to`: as it was found when the message was sent; its address, if nobody lived there. */
  | {
      readonly kind: 'message';
      readonly to: WireActor | Address;
      readonly from: WireActor;
      readonly message: Message;
    }
  | { readonly kind: 'lost'; readonly watches: Watches }
  /** It was stopped. */
  | { readonly kind: 'stopped'; readonly actor: WireActor }
  /** It was not there when it was to be watched. If it is by then, nothing is lost. */
  | { readonly kind: 'absent'; readonly address: Address; readonly watcher: WireActor };
