/** What can go wrong, as typed values. */

/** A fault. Machines are named. Times are in milliseconds, rates in bits per second. */
export type Fault =
  /** SIGKILL to a process and its group. It is started again when the fault is healed. */
  | { readonly kind: 'kill'; readonly machine: string; readonly process: string }
  /** SIGSTOP to a process. */
  | { readonly kind: 'pause'; readonly machine: string; readonly process: string }
  /** The plug is pulled. */
  | { readonly kind: 'off'; readonly machine: string }
  /** All packets between these machines and all others are dropped silently. */
  | { readonly kind: 'cut-off'; readonly machines: readonly string[] }
  /** All packets between machines of different groups are dropped silently. */
  | { readonly kind: 'partition'; readonly groups: readonly (readonly string[])[] }
  /** A part of the packets that reach the machine is dropped, 0 to 1. */
  | { readonly kind: 'loss'; readonly machine: string; readonly part: number }
  /** What the machine sends, and what it receives, is limited. */
  | { readonly kind: 'rate'; readonly machine: string; readonly bitsPerSecond: number }
  /** Every packet that the machine sends arrives later. */
  | { readonly kind: 'delay'; readonly machine: string; readonly delayMs: number }
  /** The ZooKeeper server that leads is killed. */
  | { readonly kind: 'zookeeper-leader' }
  /** The file system that holds the machine's work folder has no space left. */
  | { readonly kind: 'disk-full'; readonly machine: string }
  /** The wall clock of processes on the machine jumps. */
  | { readonly kind: 'clock-step'; readonly machine: string; readonly stepMs: number };

/** A fault that was injected. */
export interface ActiveFault {
  readonly fault: Fault;
  /** Resolves when its effect can be seen from outside; rejects if it cannot after a while. */
  visible(): Promise<void>;
  /** Takes it back; twice is once. It was registered to be called at the end before the fault was injected. */
  heal(): Promise<void>;
  /** Resolves when nothing of it can be seen any more. */
  recovered(): Promise<void>;
}
