import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readSwf } from './swf.ts';
import { TraceError } from './traceLines.ts';

/** A job line: number, submission, run time, allocated and requested processors. */
const job = (id: number, submitS: number | string, runS: number, allocated: number, requested = -1): string =>
  `  ${id} ${submitS}  3 ${runS} ${allocated} -1 -1 ${requested} 600 -1 1 7 1 -1 1 -1 -1 -1`;

const refused = (text: string, what: RegExp): void =>
  assert.throws(
    () => readSwf(text),
    (error: unknown) => error instanceof TraceError && what.test(error.message),
  );

test('comments tell of the machine, and jobs come in the order of their submission', () => {
  const text = ['; Computer: some', ';  MaxProcs: 128', job(2, 20, 600, 16), '', job(1, 10, 60.5, 4)].join(
    '\r\n',
  );
  assert.equal(readSwf(text), {
    jobs: [
      { id: '1', submitS: 10, runS: 60.5, processors: 4 },
      { id: '2', submitS: 20, runS: 600, processors: 16 },
    ],
    skipped: 0,
    processors: 128,
  });
});

test('the processors of the machine may be unknown, and words may stand after them', () => {
  const processors = (comment: string) => readSwf(`${comment}\n${job(1, 0, 1, 1)}`).processors;
  assert.is(processors('; MaxProcs: 128 in 64 nodes'), 128);
  assert.is(processors('; MaxProcs: -1'), undefined);
  assert.is(processors('; Note: MaxProcs: many are down at times'), undefined);
});

test('a job that never ran is skipped, and one of unknown width has what it asked for', () => {
  const log = readSwf([job(1, 0, -1, 4), job(2, 0, 0, 4), job(3, 0, 9, -1), job(4, 0, 9, -1, 8)].join('\n'));
  assert.equal(
    log.jobs.map(({ id, processors }) => [id, processors]),
    [['4', 8]],
  );
  assert.is(log.skipped, 3);
  assert.is(log.processors, undefined);
});

test('a line that is not of the format is named', () => {
  refused(`; comment\n${job(1, 0, 1, 1)} 5\n`, /^line 2 of the trace has 19 fields; 18 are expected/);
  refused(job(1, -5, 1, 1), /^line 1 .* '-5' as the second of submission/);
  refused(job(1, 'noon', 1, 1), /'noon'/);
  refused(job(1, 0, 1, 1.5), /'1.5' as allocated processors/);
  refused(`${job(1, 0, 1, 1)}\n${job(1, 0, 1, 1)}`, /^line 2 .* job 1/);
  refused('; MaxProcs: 0', /processors of the machine/);
  for (const told of ['many', '12.5', ''])
    refused(`; comment\n; MaxProcs: ${told}`, /^line 2 .*as processors of the machine/);
});

test('a log without a job that ran is refused', () => {
  for (const text of ['; nothing\n', job(1, 0, -1, -1)])
    assert.throws(
      () => readSwf(text),
      (error: unknown) =>
        error instanceof TypeError && error.message === 'no job of the trace ran: there is nothing to replay',
    );
});

test.run();
