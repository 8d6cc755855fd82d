/** A machine before anything of ours runs on it: a shell that reaches it, and what its kind can do to it. */

/** What every machine kind provisions. */
export interface Place {
  /** Hostname by which frameworks know it. */
  readonly name: string;
  /** An address that the other machines of this deployment can reach it by. */
  readonly ip: string;
  /** A program and its first arguments; with a script for a POSIX shell as the last one it runs that on the machine. */
  readonly shell: readonly [string, ...string[]];
  /** Its address is one of a network that this process is not in: only the shell leads there. Absent: it may be reached directly. */
  readonly network?: 'apart';
  /** A folder on the machine that may be made, and is ours alone. */
  readonly folder: string;
  /** What is in its file {@link OURS}, if other controllers could have chosen the same folder. */
  readonly owner?: string;
  /** A folder where what was shipped is kept, by the hash of its content, for all deployments of this user. */
  readonly store: string;
  /** The `lab` command, if the machine has it since it shares our file system; absent: Node and our code are to be sent. */
  readonly lab?: string;
  /** Absent if machines of this kind cannot be switched off from outside. */
  readonly power?: Power;
}

/** File in a place's folder that says that it is ours: what is removed was not somebody else's. */
export const OURS = '.mesos-lab';

/** The switch of a machine. */
export interface Power {
  /** Everything on it is gone at once, as if its plug was pulled; files stay. */
  off(): Promise<void>;
  /** Resolves when the shell reaches it again. */
  on(): Promise<void>;
}
