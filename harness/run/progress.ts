/** How a run tells how far it is: bars on a terminal, plain lines in a pipe, both on standard error. */
import { MultiBar, type SingleBar } from 'cli-progress';

/** Progress of one part of a run. */
export interface Progress {
  /** So many of so many are done. */
  report(done: number, total: number, detail: string): void;
  /** It has ended, one way or another. */
  end(result: string): void;
}

/** Progress of a run. */
export interface ProgressDisplay {
  start(name: string): Progress;
  /** Says something that is no progress, in one line. */
  log(line: string): void;
  /** Leaves the terminal as it was found. */
  close(): void;
}

/** Names are padded to this, so that bars stand below each other. */
const NAME_WIDTH = 24;

/** Bars if standard error is a terminal, else a line when a part starts and one when it ends. */
export function progressDisplay(stream: NodeJS.WriteStream = process.stderr): ProgressDisplay {
  return stream.isTTY ? bars(stream) : lines(stream);
}

function bars(stream: NodeJS.WriteStream): ProgressDisplay {
  const multi = new MultiBar({
    stream,
    format: `{name} {bar} {value}/{total} {detail}`,
    barsize: 24,
    hideCursor: true,
    gracefulExit: false,
    autopadding: true,
  });
  // Without bars, or when they are gone, nothing is drawn any more, and what is said would stay unsaid.
  let isDrawing = false;
  return {
    start(name) {
      isDrawing = true;
      const bar: SingleBar = multi.create(1, 0, { name: name.padEnd(NAME_WIDTH), detail: 'starting' });
      return {
        report(done, total, detail) {
          bar.setTotal(total);
          bar.update(done, { detail });
        },
        end(result) {
          bar.update({ detail: result });
          multi.update();
        },
      };
    },
    log: (line) => (isDrawing ? multi.log(`${line}\n`) : void stream.write(`${line}\n`)),
    close() {
      if (isDrawing) multi.stop();
      isDrawing = false;
    },
  };
}

function lines(stream: NodeJS.WriteStream): ProgressDisplay {
  return {
    start(name) {
      stream.write(`${name}: started\n`);
      return { report() {}, end: (result) => void stream.write(`${name}: ${result}\n`) };
    },
    log: (line) => void stream.write(`${line}\n`),
    close() {},
  };
}
