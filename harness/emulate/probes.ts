/** Runs probes: new frameworks, each over a link of its own, as from a process of its own. */
import { schedulerActor } from '../../mesos/driver/schedulerActor.ts';
import type { Detector } from '../../mesos/election/election.ts';
import type { Address, Context, Millis } from '../../mesos/runtime/actor.ts';
import { startWire, type WireRuntime } from '../../mesos/runtime/wire.ts';
import type { ProbeReport, ProbesPeer } from './peerConfig.ts';
import { begin, createProbe, inWords, type Progress } from './probe.ts';

/** What probes need of their process. */
export interface ProbeHost {
  readonly wire: WireRuntime;
  readonly master: Address | Detector;
  readonly secret: string;
  readonly log: (line: string) => void;
  /** Told of each probe, when it has ended. */
  readonly probed: (report: ProbeReport) => void;
  /** Called after the last. */
  readonly done: () => void;
}

/** Runs all probes. */
export function runProbes(host: ProbeHost, { probes, task, gap, limitMs }: ProbesPeer): void {
  let started = 0;
  let ended = 0;
  const run = (context: Context, startMs: Millis): void => {
    const n = started++;
    const afterNext = (at: Millis): void => {
      if (started < probes) context.after(at - context.now(), () => run(context, at));
    };
    const settle = (report: ProbeReport): void => {
      if (isSettled) return;
      isSettled = true;
      late.cancel();
      host.probed(report);
      if (gap.is === 'after') afterNext(context.now() + gap.ms);
      if (++ended === probes) host.done();
    };
    let isSettled = false;
    const progress = begin(context.now() - startMs);
    const late = context.after(startMs + limitMs - context.now(), () => {
      const reason = `it had not ended after ${limitMs / 1000} s: ${inWords(progress)}`;
      settle({ outcome: 'failed', startMs, reason });
    });
    if (gap.is === 'every') afterNext(startMs + gap.ms);
    void launch(host, n, task, startMs, progress, settle).catch((error: Error) =>
      settle({ outcome: 'failed', startMs, reason: error.message }),
    );
  };
  host.wire.spawn('prober', {
    inbox: {},
    create(context) {
      context.after(gap.ms, () => run(context, context.now()));
      return { receive() {} };
    },
  });
}

async function launch(
  { wire: own, master, secret, log }: ProbeHost,
  n: number,
  task: ProbesPeer['task'],
  startMs: Millis,
  progress: Progress,
  settle: (report: ProbeReport) => void,
): Promise<void> {
  const onLink = (): void => {
    progress.linkedMs ||= own.now() - startMs;
  };
  const wire = await startWire({ secret, log, onLink });
  const close = (report: ProbeReport): void => {
    settle(report);
    void wire.close();
  };
  const frameworkInfo = { user: 'emulated', name: `probe${n}` };
  const factory = createProbe(task, startMs, progress, close);
  wire.spawn('probe', schedulerActor({ master, frameworkInfo, factory, stopped() {} }));
}
