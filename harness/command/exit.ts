/** Exit codes of `lab`, and the errors that lead to them. README has the table. */

/** What the exit codes mean. */
export const EXIT = {
  ok: 0,
  /** The command was not understood, or a file that it was given is wrong. */
  usage: 1,
  /** A run ended, but a check failed or a job did not finish: the system under test is at fault. */
  failed: 2,
  /** Something is worse than in the version that it was compared with. */
  regressed: 3,
  /** It cannot be said whether anything is worse: too noisy, too little time, or not comparable. */
  inconclusive: 4,
  /** The machine is at fault: no space, a port in use, a program that is missing, a process that was killed. */
  infrastructure: 5,
  /** The harness or the machine, not the system, was the bottleneck: the numbers tell nothing of the system. */
  harnessLimited: 6,
  /** Ended by Ctrl-C or by SIGTERM. */
  interrupted: 130,
} as const;

/** An error that ends the command with one sentence and no stack. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** The caller is wrong. */
export const usageError = (message: string): CommandError => new CommandError(message, EXIT.usage);

/** The machine is wrong. */
export const infrastructureError = (message: string, cause?: unknown): CommandError =>
  new CommandError(message, EXIT.infrastructure, { cause });
