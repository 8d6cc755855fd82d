/** The end of a file as it is written, in a bounded piece of memory. */
import { askSlave, type FileSlave } from './slaveFiles.ts';

/** What is shown of a file. */
export interface Shown {
  /** Where it begins in the file. */
  readonly fromByte: number;
  readonly text: string;
  readonly isFollowing: boolean;
  /** Why it is not followed any more. */
  readonly trouble: string | undefined;
}

/** A file that is followed. */
export interface Tail {
  /** Shows more of what stands before, unless it is about to. Rejects with an Error if that cannot be had; it is followed all the same. */
  earlier(): Promise<void>;
  close(): void;
}

/** Characters that are kept; what is older can be asked for again. */
const TEXT_MAX = 1 << 20;
const PART_BYTES = 64 << 10;

/** Follows a file. `show` is told what there is, again and again. */
export function followFile(
  slave: FileSlave,
  authorization: string | undefined,
  path: string,
  show: (shown: Shown) => void,
): Tail {
  const aborted = new AbortController();
  let shown: Shown = { fromByte: 0, text: '', isFollowing: true, trouble: undefined };
  let isKeptWhole = false;
  let isAsking = false;
  const tell = (change: Partial<Shown>): void => {
    if (aborted.signal.aborted) return;
    shown = { ...shown, ...change };
    show(shown);
  };
  const read = async (offset: number, length: number) => {
    const query = { path, offset: `${offset}`, length: `${length}` };
    const response = await askSlave(slave, authorization, '/files/read', query, aborted.signal);
    return (await response.json()) as { readonly offset: number; readonly data: string };
  };

  async function follow(): Promise<void> {
    const { offset: size } = await read(-1, 0);
    const fromByte = Math.max(0, size - PART_BYTES);
    tell({ fromByte });
    const query = { path, offset: `${fromByte}` };
    const response = await askSlave(slave, authorization, '/files/follow', query, aborted.signal);
    const decoder = new TextDecoder();
    for await (const piece of response.body ?? []) append(decoder.decode(piece, { stream: true }));
    tell({ isFollowing: false });
  }

  function append(more: string): void {
    const text = shown.text + more;
    if (isKeptWhole || text.length <= TEXT_MAX) return tell({ text });
    const atLeast = text.length - TEXT_MAX / 2;
    const cut = Math.max(atLeast, text.indexOf('\n', atLeast) + 1);
    const dropped = text.slice(0, cut);
    tell({ text: text.slice(cut), fromByte: shown.fromByte + new TextEncoder().encode(dropped).length });
  }

  follow().catch((error: Error) => tell({ isFollowing: false, trouble: error.message }));
  return {
    async earlier() {
      if (isAsking) return;
      [isKeptWhole, isAsking] = [true, true];
      const from = Math.max(0, shown.fromByte - PART_BYTES);
      try {
        const { data } = await read(from, shown.fromByte - from);
        tell({ fromByte: from, text: data + shown.text });
      } catch (error) {
        if (!aborted.signal.aborted) throw error;
      } finally {
        isAsking = false;
      }
    },
    close: () => aborted.abort(),
  };
}
