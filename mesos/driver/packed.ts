/** Lists that mostly have an element or none, for executors of which a process may have a hundred thousand. */
export { type Packed, packed, unpacked, withOne, without } from '../runtime/packed.ts';
