import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { submission } from './submission.ts';

const NEVER = new Promise<never>(() => {});
const LINE = '{"t":1,"actor":"scheduler","event":"registered"}\n';
const SUBMITTED = '{"t":2,"actor":"scheduler","event":"job-submitted","jobId":"a"}\n';

test('it is over as soon as the history tells of a job, however late that comes to be', async () => {
  const histories = [undefined, '', LINE, LINE + SUBMITTED, 'not looked at'];
  let looks = 0;
  const read = async (): Promise<string> => {
    const history = histories[looks++];
    if (history === undefined) throw new Error('there is no such file');
    return history;
  };
  await submission(read, NEVER, async () => {});
  assert.is(looks, 4);
});

test('a process that ends without a job is not waited for', async () => {
  const ended = Promise.withResolvers<void>();
  const untilOver = (over: AbortSignal): Promise<void> => {
    ended.resolve();
    return new Promise((resolve) => over.addEventListener('abort', () => resolve()));
  };
  await submission(async () => LINE, ended.promise, untilOver);
  await submission(
    async () => LINE,
    Promise.reject(new Error('gone')),
    async () => {},
  );
});

test.run();
