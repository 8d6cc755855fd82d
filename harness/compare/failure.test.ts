import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ProcessExit, RunningProcess } from '../../infra/machine.ts';
import { blamed, ending, type Failure, failureOf, limitBy } from './failure.ts';

const BROKEN: Failure = { cause: 'failed', why: 'exit code 1: Error: broken' };
const KILLED: Failure = { cause: 'infrastructure', why: 'SIGKILL: it said nothing' };

test('what fails on the head has failed, whatever the base does', () => {
  const head = blamed('launch', undefined, BROKEN);
  assert.equal([head.side, head.verdict], ['head', 'failed']);
  const both = blamed('launch', { ...BROKEN, why: 'other words' }, BROKEN);
  assert.equal([both.side, both.verdict], ['both', 'failed']);
  assert.is(both.why, 'other words; on the head: exit code 1: Error: broken');
  assert.is(blamed('launch', BROKEN, BROKEN).why, BROKEN.why);
  assert.is(blamed('launch', KILLED, BROKEN).verdict, 'failed');
});

test('what fails on the base alone is inconclusive: there is nothing to hold the head against', () => {
  const { side, verdict } = blamed('launch', BROKEN, undefined);
  assert.equal([side, verdict], ['base', 'inconclusive']);
});

test('what the machine ended is the machine’s fault', () => {
  assert.is(blamed('launch', KILLED, undefined).verdict, 'infrastructure');
  assert.is(blamed('launch', undefined, KILLED).verdict, 'infrastructure');
  assert.is(blamed('launch', BROKEN, KILLED).verdict, 'infrastructure');
});

/** A process that ends only when it is killed, and notes how. */
function hanging(): { readonly process: RunningProcess; readonly signals: readonly string[] } {
  const signals: string[] = [];
  const { promise: exited, resolve } = Promise.withResolvers<ProcessExit>();
  const process: RunningProcess = {
    ...{ name: 'bench', pid: 1, exited, lastLines: () => [] },
    ...{
      waitForLine: () => Promise.reject(new Error('it writes nothing')),
      onLine() {},
      signalAlone() {},
      async stop() {},
    },
    signal(name) {
      signals.push(name);
      resolve({ code: null, signal: name });
    },
  };
  return { process, signals };
}

test('a process that does not end in time is ended, with all that it started, and that is its own failure', async () => {
  const { process, signals } = hanging();
  const ended = await ending(process, 0.001, new AbortController().signal);
  assert.equal(signals, ['SIGKILL']);
  assert.is(ended.isOverdue, true);
  assert.equal(failureOf(ended, ['measuring'], 60), {
    cause: 'failed',
    why: 'it had not ended after 60 s, and was ended: measuring',
  });
});

test('a process is ended too when all is stopped', async () => {
  const { process, signals } = hanging();
  const stop = new AbortController();
  const waiting = ending(process, 600, stop.signal);
  stop.abort();
  let isStopped = false;
  await waiting.catch(() => {
    isStopped = true;
  });
  assert.ok(isStopped);
  assert.equal(signals, ['SIGKILL']);
});

test('the last complaint is told, and who killed a process decides whose fault that is', () => {
  const of = (exit: ProcessExit) => failureOf({ exit, isOverdue: false }, ['TypeError: no', 'at x'], 60);
  assert.equal(of({ code: 1, signal: null }), { cause: 'failed', why: 'exit code 1: TypeError: no' });
  const unloaded = ['Error [ERR_MODULE_NOT_FOUND]: Cannot find it', "  code: 'x'", '}', 'Node.js v24'];
  assert.is(
    failureOf({ exit: { code: 1, signal: null }, isOverdue: false }, unloaded, 60).why,
    'exit code 1: Error [ERR_MODULE_NOT_FOUND]: Cannot find it',
  );
  assert.is(of({ code: 5, signal: null }).cause, 'infrastructure');
  assert.is(of({ code: null, signal: 'SIGKILL' }).cause, 'infrastructure');
  assert.is(of({ code: null, signal: 'SIGSEGV' }).cause, 'failed');
});

test('a limit is ten times what the base took, and never too short', () => {
  assert.is(limitBy(20, 60), 200);
  assert.is(limitBy(1, 60), 60);
});

test.run();
