/** The block store as its users see it: files that are made of blocks, each block on several data nodes. */
import type { Block, Node } from '../files/block.ts';
import type { Answer } from './nameNodeCalls.ts';

/** A file or a folder of the store. Folders are there as long as something is in them. */
export type DfsEntry =
  | {
      readonly type: 'file';
      readonly path: string;
      readonly bytes: number;
      readonly blocks: number;
      /** Largest size of a block, unless one line is longer. */
      readonly blockBytes: number;
      /** On how many nodes each block is to be. */
      readonly replication: number;
      /** On how many nodes the block with the fewest replicas is at the moment; of an empty file: `replication`. */
      readonly replicas: number;
      /** When it was completed, since the epoch. */
      readonly modifiedMs: number;
    }
  | { readonly type: 'folder'; readonly path: string };

/** How to write a file. */
export interface WriteOptions {
  /** Largest size of a block; default: the namenode's, 64 MiB. */
  readonly blockBytes?: number;
  /** Default: the namenode's, 3. */
  readonly replication?: number;
  /** Replace a file of that path, at once when the new one is complete; default: refuse. */
  readonly overwrite?: boolean;
  /** Hostname of the data node that gets the first replica, if there is one of that name: the writer's own. */
  readonly writer?: string;
  /** Is told how many bytes are stored. */
  readonly progress?: (bytes: number) => void;
}

/** Parts of a job's output, as nodes hold them: `output/SPACE/JOB/NAME` (files/storedFile.ts). */
export interface StoredParts {
  readonly space: string;
  readonly jobId: string;
  readonly parts: readonly {
    readonly name: string;
    /** Hostnames of the nodes that hold it. */
    readonly hosts: readonly string[];
    /** As which file they hold it, if not by its name. */
    readonly file?: string;
  }[];
}

/** A block store. All paths are absolute, `/logs/mail.txt`. All calls reject with a DfsError, whose message is one sentence. */
export interface Dfs {
  /**
   * The blocks of a file, or of all files in a folder in the order of their names, with the hosts that hold a replica; each is
   * the input of one map. Files whose names begin with `_` or `.` are left out of a folder, as Hadoop does, and folders in it are.
   */
  blocks(path: string): Promise<readonly Block[]>;
  /** The data nodes that live, by hostname: what TaskTrackers and other readers of blocks are given. */
  nodes(): Promise<Readonly<Record<string, Node>>>;
  stat(path: string): Promise<DfsEntry>;
  /** What is in a folder, in the order of names; of a file, itself. */
  list(path: string): Promise<readonly DfsEntry[]>;
  /** Writes a file from chunks of text, cut into blocks at line ends. It is there, whole, when this resolves, or not at all. */
  write(
    path: string,
    chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    options?: WriteOptions,
  ): Promise<DfsEntry>;
  /** Reads a file, or so many bytes from a place on; goes to another replica when one is damaged or out of reach. */
  read(path: string, range?: { readonly start: number; readonly bytes: number }): AsyncIterable<Buffer>;
  /**
   * Makes the output of a job the files `FOLDER/part-r-00000` and so on: the nodes that hold a part keep it as a block, without
   * copying it, and others fetch the replicas that are missing. The folder must not be there yet; it appears whole.
   */
  adopt(folder: string, output: StoredParts, options?: Pick<WriteOptions, 'replication'>): Promise<void>;
  /** Removes a file; a folder with all that is in it only if `recursive`. */
  remove(path: string, options?: { readonly recursive?: boolean }): Promise<void>;
  /** Moves a file or folder; nothing may be there. */
  rename(from: string, to: string): Promise<void>;
  /** Changes on how many nodes each block of a file is to be. */
  replicate(path: string, replication: number): Promise<void>;
  /** How the store is: its nodes, and how many blocks have too few replicas. */
  status(): Promise<Answer<'status'>>;
  /** Ends its connections. */
  close(): void;
}
