/** Paths of the block store: absolute, with `/` between the steps. */
import { DfsError } from './dfsRefusal.ts';

const PATH_LENGTH_MAX = 4096;
const STEP_LENGTH_MAX = 255;
const STEPS_MAX = 64;

/** The steps of a path, none for `/`. A `/` at the end counts for nothing. Throws a DfsError if it is none. */
export function stepsOf(path: string): readonly string[] {
  const bad = (why: string): DfsError =>
    new DfsError('invalid', `'${path.slice(0, 200)}' is no path of the store: ${why}.`);
  if (!path.startsWith('/')) throw bad('it must begin with /');
  if (path.length > PATH_LENGTH_MAX) throw bad(`it is longer than ${PATH_LENGTH_MAX} characters`);
  if (path === '/') return [];
  const steps = path.slice(1).replace(/\/$/, '').split('/');
  if (steps.length > STEPS_MAX) throw bad(`it has more than ${STEPS_MAX} steps`);
  for (const step of steps) {
    if (step === '' || step === '.' || step === '..')
      throw bad(step === '' ? 'two / stand together' : `'${step}' leads nowhere here`);
    if (step.length > STEP_LENGTH_MAX) throw bad(`a name is longer than ${STEP_LENGTH_MAX} characters`);
    if (/\p{Cc}/u.test(step)) throw bad('a name has a control character');
  }
  return steps;
}

/** The path with these steps. */
export function pathOf(steps: readonly string[]): string {
  return `/${steps.join('/')}`;
}

/** The path of something in a folder. */
export function pathIn(folder: string, name: string): string {
  return `${folder === '/' ? '' : folder.replace(/\/$/, '')}/${name}`;
}
