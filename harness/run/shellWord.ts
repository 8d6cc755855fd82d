/** Words of commands that people copy and type. */
import { quoted } from '../../infra/nodeDaemon/shell.ts';

/** Nothing in it means anything to a shell. */
const PLAIN = /^[\w@%+:,./-]+$/;

/** A text as one word for a POSIX shell: as it is where a shell takes it so, else quoted. */
export function shellWord(text: string): string {
  return PLAIN.test(text) ? text : quoted(text);
}
