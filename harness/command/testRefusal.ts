/** For tests: what `lab` says about a mistake. It is run in this process, for most of what it takes is to start one. */
import * as assert from 'uvu/assert';
import { runProgram } from './program.ts';
import { withVariables } from './testVariables.ts';

/** `lab` with these words and variables ends with this exit code and one sentence, which fits the pattern. */
export async function assertRefused(
  words: readonly string[],
  exitCode: number,
  sentence: RegExp,
  variables: Readonly<Record<string, string>> = {},
): Promise<void> {
  const said = await withVariables(variables, () => heard(words));
  const line = words.join(' ');
  assert.match(said.text, sentence, line);
  assert.is(said.exitCode, exitCode, line);
  assert.is(said.text.trim().split('\n').length, 1, said.text);
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** What it says on standard error, and its exit code. */
async function heard(words: readonly string[]) {
  const { stderr, exitCode: before } = process;
  const listeners = SIGNALS.map((signal) => [signal, process.listeners(signal)] as const);
  const { write } = stderr;
  let text = '';
  stderr.write = (piece: string | Uint8Array) => {
    text += piece;
    return true;
  };
  try {
    await runProgram(words);
    return { text, exitCode: process.exitCode };
  } finally {
    stderr.write = write;
    process.exitCode = before;
    // With a process of its own that would have ended, too.
    for (const [signal, earlier] of listeners)
      for (const listener of process.listeners(signal))
        if (!earlier.includes(listener)) process.off(signal, listener);
  }
}
