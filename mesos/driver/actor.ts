/** What a driver's back needs of the runtime, for backs that live outside this room. */
export {
  type Actor,
  type ActorKind,
  type Address,
  type Clock,
  type Context,
  type Due,
  happen,
  type Millis,
  type Random,
  type Timer,
} from '../runtime/actor.ts';
