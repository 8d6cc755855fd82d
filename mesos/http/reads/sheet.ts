/** What an answer is written on, piece by piece. */

/** So much is written before others get their turn: the work of less than a millisecond, as a rule. */
const FULL_BYTES = 128 << 10;

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
const ASCII = /^[\u0000-\u007f]*$/;

/** A sheet. */
export class Sheet {
  /** Text that has come since the last bytes. */
  #text = '';
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  /** Writes ASCII text. */
  write(text: string): void {
    this.#text += text;
  }

  /** Writes any text, in UTF-8. */
  writeText(text: string): void {
    if (ASCII.test(text)) this.write(text);
    else this.writeBytes(Buffer.from(text, 'utf8'));
  }

  /** Writes bytes, which stay as they are. */
  writeBytes(bytes: Uint8Array): void {
    this.#flush();
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
  }

  /** Time to pause. */
  get isFull(): boolean {
    return this.#text.length + this.#bytes >= FULL_BYTES;
  }

  /** Takes off what has been written. */
  take(): readonly Uint8Array[] {
    this.#flush();
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#bytes = 0;
    return pieces;
  }

  #flush(): void {
    if (this.#text === '') return;
    const bytes = Buffer.from(this.#text, 'latin1');
    this.#text = '';
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
  }
}

/** Writes an answer on a sheet; pauses at least whenever the sheet is full. What it throws breaks the answer off. */
export type Production = (sheet: Sheet) => Generator<void, void>;

/** Writes a JSON list, each of its items as `json` says. */
export function* writeList<T>(
  sheet: Sheet,
  items: Iterable<T>,
  json: (item: T) => string,
): Generator<void, void> {
  let separator = '[';
  for (const item of items) {
    sheet.write(separator);
    sheet.write(json(item));
    separator = ',';
    if (sheet.isFull) yield;
  }
  sheet.write(separator === '[' ? '[]' : ']');
}
