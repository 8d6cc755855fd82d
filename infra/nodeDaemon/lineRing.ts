/** The last lines of a process, numbered from its first one, within bounds. Each reader goes at its own pace. */

/** Lines that a reader had not seen. */
export interface Lines {
  /** Number of the first of them. */
  readonly from: number;
  /** How many before them the reader has missed. */
  readonly leftOut: number;
  readonly lines: readonly string[];
}

/** A ring of lines. */
export interface LineRing {
  /** The number that the next line will have. */
  readonly next: number;
  /** Number of the first line that is still kept. */
  readonly first: number;
  add(line: string): void;
  /** Lines from this number on: as many as fit, at least one if there is any. */
  from(number: number, charactersMax: number): Lines;
}

/** Makes an empty ring that keeps so many lines, and so many characters. */
export function lineRing(linesMax: number, charactersMax: number): LineRing {
  const lines: string[] = [];
  let first = 0;
  let characters = 0;
  return {
    get next() {
      return first + lines.length;
    },
    get first() {
      return first;
    },
    add(line) {
      lines.push(line);
      characters += line.length;
      while (lines.length > 1 && (lines.length > linesMax || characters > charactersMax)) {
        characters -= lines.shift()?.length ?? 0;
        first += 1;
      }
    },
    from(number, most) {
      const start = Math.max(first, number);
      let end = start - first;
      for (let length = 0; end < lines.length; end += 1) {
        length += lines[end]?.length ?? 0;
        if (length > most && end > start - first) break;
      }
      return { from: start, leftOut: start - number, lines: lines.slice(start - first, end) };
    },
  };
}
