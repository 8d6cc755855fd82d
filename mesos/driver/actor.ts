/** What a driver's back needs of the runtime, for backs that live outside this room. */
export type { Actor, ActorKind, Address, Clock, Context, Millis, Random, Timer } from '../runtime/actor.ts';
