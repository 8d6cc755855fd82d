/** How a run tells how far it is: bars on a terminal, plain lines in a pipe, both on standard error. */
import { MultiBar, type SingleBar } from 'cli-progress';

/** Progress of one part of a run. */
export interface Progress {
  /** So many of so many are done. */
  report(done: number, total: number, detail: string): void;
  /** It has ended, one way or another. */
  end(result: string): void;
  /** It was stopped, and is still to be done. */
  stop(): void;
}

/** Progress of a run. */
export interface ProgressDisplay {
  /** So many parts will be started, more than those that were expected before. */
  expect(parts: number): void;
  start(name: string): Progress;
  /** Says something that is no progress, in one line. */
  log(line: string): void;
  /** Leaves the terminal as it was found. */
  close(): void;
}

/** Names are padded to this, so that bars stand below each other. */
const NAME_WIDTH = 40;
const STOPPED = 'stopped';

/** Bars if standard error is a terminal, else a line for each part that has ended, and if they are few, when it starts. */
export function progressDisplay(stream: NodeJS.WriteStream = process.stderr): ProgressDisplay {
  return stream.isTTY ? bars(stream) : lines(stream);
}

/** A bar for the whole, and one for each part that runs; a part that has ended leaves a line above them. */
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
  let whole: SingleBar | undefined;
  let expected = 0;
  const create = (name: string, total: number, detail: string): SingleBar => {
    isDrawing = true;
    return multi.create(total, 0, { name: name.padEnd(NAME_WIDTH), detail });
  };
  const log = (line: string): void => (isDrawing ? multi.log(`${line}\n`) : void stream.write(`${line}\n`));
  return {
    expect(parts) {
      expected += parts;
      if (whole !== undefined) whole.setTotal(expected);
      else if (expected > 1) whole = create('all', expected, '');
    },
    start(name) {
      const bar = create(name, 1, 'starting');
      const leave = (result: string): void => {
        multi.remove(bar);
        log(`${name.padEnd(NAME_WIDTH)} ${result}`);
      };
      return {
        report(done, total, detail) {
          bar.setTotal(total);
          bar.update(done, { detail });
        },
        end(result) {
          whole?.increment();
          leave(result);
        },
        stop: () => leave(STOPPED),
      };
    },
    log,
    close() {
      if (isDrawing) multi.stop();
      isDrawing = false;
    },
  };
}

function lines(stream: NodeJS.WriteStream): ProgressDisplay {
  let expected = 0;
  let ended = 0;
  return {
    expect(parts) {
      expected += parts;
    },
    start(name) {
      // Of many, the ends are enough.
      if (expected <= 1) stream.write(`${name}: started\n`);
      return {
        report() {},
        end: (result) =>
          void stream.write(`${expected > 1 ? `[${++ended}/${expected}] ` : ''}${name}: ${result}\n`),
        stop: () => void stream.write(`${name}: ${STOPPED}\n`),
      };
    },
    log: (line) => void stream.write(`${line}\n`),
    close() {},
  };
}
