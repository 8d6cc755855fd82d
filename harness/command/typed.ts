/** How people type this command where they have called it. */
import { dirname, relative } from 'node:path';
import { LAB } from '../../infra/local.ts';
import { shellWord } from '../run/shellWord.ts';

const PROJECT = dirname(dirname(LAB));

/** In the project's folder as the README has it, elsewhere by its path: it is on nobody's PATH. */
export const TYPED = relative(PROJECT, process.cwd()).startsWith('..') ? shellWord(LAB) : 'npx lab';
