/**
 * The namespace of a block store: which files there are, and of which blocks. It knows nothing of nodes (replicas.ts), and
 * touches no clock and no file: it is what its edits add up to, so the same edits make the same namespace anywhere.
 */

import { pathOf, stepsOf } from './dfsPath.ts';
import { DfsError } from './dfsRefusal.ts';
import type { Edit, FileBlock } from './edits.ts';

/** A file that is complete. */
export interface DfsFile {
  readonly type: 'file';
  /** Who wrote it: so that somebody who asks twice for its completion is answered twice. */
  readonly writer: string;
  readonly blockBytes: number;
  readonly replication: number;
  readonly blocks: readonly FileBlock[];
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** A file that is being written. */
export interface OpenFile {
  readonly writer: string;
  readonly path: string;
  readonly blockBytes: number;
  readonly replication: number;
  readonly overwrite: boolean;
  readonly blocks: readonly FileBlock[];
}

/** A folder; it is there as long as something is in it. */
export interface Folder {
  readonly type: 'folder';
  readonly entries: Map<string, DfsFile | Folder>;
}

/** What an edit means for the blocks. */
export interface BlockChanges {
  /** Blocks that belong to a file from now on, or are to have another number of replicas. */
  readonly wanted: readonly { readonly block: FileBlock; readonly replication: number }[];
  /** Ids of blocks that belong to no file any more. */
  readonly freed: readonly string[];
}
const NO_CHANGES: BlockChanges = { wanted: [], freed: [] };

const newFolder = (): Folder => ({ type: 'folder', entries: new Map() });

/** The namespace. Its methods throw a {@link DfsError} and change nothing if something cannot be. */
export class Namespace {
  readonly #root = newFolder();
  readonly #writing = new Map<string, OpenFile & { readonly blocks: FileBlock[] }>();
  readonly #blockIds = new Set<string>();
  #epoch = 0;
  #files = 0;
  #bytes = 0;

  /** Of the namenode that works on it; 0 before the first. */
  get epoch(): number {
    return this.#epoch;
  }

  /** How many files are complete, and what they hold. */
  get size(): { readonly files: number; readonly bytes: number; readonly blocks: number } {
    return { files: this.#files, bytes: this.#bytes, blocks: this.#blockIds.size };
  }

  /** Files that are being written, by writer. */
  get writing(): ReadonlyMap<string, OpenFile> {
    return this.#writing;
  }

  /** What is at a path; undefined if nothing is. */
  find(path: string): DfsFile | Folder | undefined {
    let at: DfsFile | Folder | undefined = this.#root;
    for (const step of stepsOf(path)) {
      if (at?.type !== 'folder') return undefined;
      at = at.entries.get(step);
    }
    return at;
  }

  /** What is in a folder, by name, in the order of names. */
  *entries(folder: Folder): Generator<readonly [string, DfsFile | Folder]> {
    for (const name of [...folder.entries.keys()].sort())
      yield [name, folder.entries.get(name) as DfsFile | Folder];
  }

  /** All files, in the order of their paths, step by step. */
  *files(folder: Folder = this.#root, at: readonly string[] = []): Generator<readonly [string, DfsFile]> {
    for (const [name, entry] of this.entries(folder))
      if (entry.type === 'file') yield [pathOf([...at, name]), entry];
      else yield* this.files(entry, [...at, name]);
  }

  /** Throws a {@link DfsError} if the edit cannot be made. */
  check(edit: Edit): void {
    switch (edit.edit) {
      case 'start':
        if (edit.epoch <= this.#epoch) throw new DfsError('invalid', `Epoch ${edit.epoch} was before.`);
        return;
      case 'file':
        this.#checkPlace(edit.path, false);
        for (const { id } of edit.blocks) this.#checkNew(id);
        return;
      case 'create':
        if (this.#writing.has(edit.writer))
          throw new DfsError('exists', `The writer '${edit.writer}' writes a file already.`);
        this.#checkPlace(edit.path, edit.overwrite);
        return;
      case 'add':
        this.#open(edit.writer);
        this.#checkNew(edit.block.id);
        return;
      case 'complete': {
        const { path, overwrite } = this.#open(edit.writer);
        this.#checkPlace(path, overwrite);
        return;
      }
      case 'abandon':
        this.#open(edit.writer);
        return;
      case 'remove':
        if (stepsOf(edit.path).length === 0) throw new DfsError('invalid', '/ itself cannot be removed.');
        this.#present(edit.path);
        return;
      case 'rename': {
        const [from, to] = [stepsOf(edit.from), stepsOf(edit.to)];
        const moved = this.#present(edit.from);
        if (from.length === 0) throw new DfsError('invalid', '/ itself cannot be moved.');
        if (from.every((step, n) => step === to[n]))
          throw new DfsError('invalid', `'${edit.from}' cannot be moved to itself or into itself.`);
        this.#checkPlace(edit.to, false);
        if (moved.type === 'folder') for (const [path] of this.files(moved, to)) stepsOf(path);
        return;
      }
      case 'replicate':
        if (this.#present(edit.path).type === 'folder')
          throw new DfsError('invalid', `'${edit.path}' is a folder; name a file.`);
        return;
      default:
        edit satisfies never;
    }
  }

  /** Makes an edit. Throws a {@link DfsError}, and changes nothing, if it cannot be made. */
  apply(edit: Edit): BlockChanges {
    this.check(edit);
    switch (edit.edit) {
      case 'start':
        this.#epoch = edit.epoch;
        return NO_CHANGES;
      case 'file': {
        const { path, edit: _edit, ...file } = edit;
        for (const { id } of file.blocks) this.#blockIds.add(id);
        return this.#put(path, fileOf(file));
      }
      case 'create': {
        const { edit: _edit, ...file } = edit;
        this.#writing.set(edit.writer, { ...file, blocks: [] });
        return NO_CHANGES;
      }
      case 'add': {
        const { blocks, replication } = this.#open(edit.writer);
        blocks.push(edit.block);
        this.#blockIds.add(edit.block.id);
        return { wanted: [{ block: edit.block, replication }], freed: [] };
      }
      case 'complete': {
        const { path, overwrite: _, ...file } = this.#open(edit.writer);
        this.#writing.delete(edit.writer);
        const { freed } = this.#put(path, fileOf({ ...file, modifiedMs: edit.modifiedMs }));
        return { wanted: [], freed };
      }
      case 'abandon': {
        const { blocks } = this.#open(edit.writer);
        this.#writing.delete(edit.writer);
        return { wanted: [], freed: this.#free(blocks) };
      }
      case 'remove': {
        const removed = this.#take(edit.path);
        const files = removed.type === 'file' ? [removed] : [...this.files(removed)].map(([, file]) => file);
        return { wanted: [], freed: files.flatMap((file) => this.#freeFile(file)) };
      }
      case 'rename':
        this.#place(edit.to, this.#take(edit.from));
        return NO_CHANGES;
      case 'replicate': {
        const file = { ...(this.#present(edit.path) as DfsFile), replication: edit.replication };
        this.#place(edit.path, file);
        return { wanted: file.blocks.map((block) => ({ block, replication: edit.replication })), freed: [] };
      }
      default:
        return edit satisfies never;
    }
  }

  /** The fewest edits that add up to the same. */
  *edits(): Generator<Edit> {
    if (this.#epoch > 0) yield { edit: 'start', epoch: this.#epoch };
    // These first: where they are to be, others may be by now.
    for (const { blocks, ...file } of this.#writing.values()) {
      yield { edit: 'create', ...file };
      for (const block of blocks) yield { edit: 'add', writer: file.writer, block };
    }
    for (const [path, { type: _, bytes: __, ...file }] of this.files()) yield { edit: 'file', path, ...file };
  }

  #open(writer: string): OpenFile & { readonly blocks: FileBlock[] } {
    const file = this.#writing.get(writer);
    if (file !== undefined) return file;
    throw new DfsError('unknown', `The writer '${writer}' writes no file (any more); begin anew.`);
  }

  #present(path: string): DfsFile | Folder {
    const found = this.find(path);
    if (found !== undefined) return found;
    throw new DfsError('absent', `There is no file or folder '${path}'.`);
  }

  #checkNew(blockId: string): void {
    if (this.#blockIds.has(blockId)) throw new DfsError('exists', `There is a block '${blockId}' already.`);
  }

  /** May a file or folder come to this path? */
  #checkPlace(path: string, overwrite: boolean): void {
    const steps = stepsOf(path);
    if (steps.length === 0) throw new DfsError('invalid', '/ is a folder; name a file in it.');
    let at: DfsFile | Folder | undefined = this.#root;
    for (const [n, step] of steps.entries()) {
      if (at.type === 'file')
        throw new DfsError('exists', `'${pathOf(steps.slice(0, n))}' is a file; nothing can be in it.`);
      at = at.entries.get(step);
      if (at === undefined) return;
    }
    if (at.type === 'folder') throw new DfsError('exists', `'${path}' is a folder; choose another name.`);
    if (!overwrite)
      throw new DfsError('exists', `There is a file '${path}' already; remove or overwrite it.`);
  }

  /** Puts a file in its place; frees the blocks of the one that was there. */
  #put(path: string, file: DfsFile): BlockChanges {
    const former = this.#place(path, file);
    this.#files += 1;
    this.#bytes += file.bytes;
    return {
      wanted: file.blocks.map((block) => ({ block, replication: file.replication })),
      freed: former?.type === 'file' ? this.#freeFile(former) : [],
    };
  }

  #freeFile({ blocks, bytes }: DfsFile): readonly string[] {
    this.#files -= 1;
    this.#bytes -= bytes;
    return this.#free(blocks);
  }

  #free(blocks: readonly FileBlock[]): readonly string[] {
    const ids = blocks.map(({ id }) => id);
    for (const id of ids) this.#blockIds.delete(id);
    return ids;
  }

  /** Puts something in a place, and makes the folders that lead to it. Returns what was there. */
  #place(path: string, entry: DfsFile | Folder): DfsFile | Folder | undefined {
    const steps = stepsOf(path);
    let folder = this.#root;
    for (const step of steps.slice(0, -1)) {
      const next = folder.entries.get(step) ?? newFolder();
      folder.entries.set(step, next);
      folder = next as Folder;
    }
    const name = steps.at(-1) as string;
    const former = folder.entries.get(name);
    folder.entries.set(name, entry);
    return former;
  }

  /** Takes something away, and the folders that are empty then. Returns it. */
  #take(path: string): DfsFile | Folder {
    const entry = this.#present(path);
    const steps = stepsOf(path);
    for (let depth = steps.length; depth > 0; depth -= 1) {
      const folder = this.find(pathOf(steps.slice(0, depth - 1))) as Folder;
      folder.entries.delete(steps[depth - 1] as string);
      if (folder.entries.size > 0) break;
    }
    return entry;
  }
}

function fileOf(file: Omit<DfsFile, 'type' | 'bytes'>): DfsFile {
  return { type: 'file', ...file, bytes: file.blocks.reduce((sum, { bytes }) => sum + bytes, 0) };
}
