/** What a program writes: all of it in a file, the end of it at hand. */
import { type FileHandle, open } from 'node:fs/promises';
import { TAIL_LENGTH_MAX } from './result.ts';

/** See the top of the file. */
export class Output {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #isNoise: (line: string) => boolean;
  /** A piece may end within a character. */
  #end: Buffer = Buffer.alloc(0);

  private constructor(path: string, file: FileHandle, isNoise: (line: string) => boolean) {
    this.path = path;
    this.#file = file;
    this.#isNoise = isNoise;
  }

  /** Begins a file anew. Lines that are noise are in the file only. */
  static async open(path: string, isNoise: (line: string) => boolean = () => false): Promise<Output> {
    return new Output(path, await open(path, 'w'), isNoise);
  }

  /** Takes a piece. Resolves when it is in the file. */
  async write(piece: Buffer): Promise<void> {
    await this.#file.appendFile(piece);
    this.#end = Buffer.concat([this.#end, piece]).subarray(-RAW_BYTES_MAX);
  }

  /** The end of what was written, as it would stand on a terminal, without what a terminal obeys. */
  get tail(): string {
    const lines = this.#end
      .toString('utf8')
      .split('\n')
      .filter((line) => !this.#isNoise(line))
      .map(asShown);
    return lines.join('\n').slice(-TAIL_LENGTH_MAX);
  }

  /** The last line that says something, as the end of a sentence: `: …`; empty if there is none. */
  get lastLine(): string {
    const last = this.tail
      .split('\n')
      .map((line) => line.trim())
      .findLast((line) => line !== '');
    return last === undefined ? '' : `: ${last.slice(0, LINE_LENGTH_MAX)}`;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

const LINE_LENGTH_MAX = 300;
/** What is kept to make the tail of. */
const RAW_BYTES_MAX = 64 * 1024;

/** A line that was written over begins after its last return. */
function asShown(line: string): string {
  const shown = line.trimEnd().split('\r').at(-1) ?? '';
  return [...shown].filter((character) => character >= ' ' || character === '\t').join('');
}
