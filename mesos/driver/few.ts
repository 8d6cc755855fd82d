/** Maps that mostly have an entry or two, for executors of which a process may have a hundred thousand. */
export { FewBy } from '../runtime/few.ts';
