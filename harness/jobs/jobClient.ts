/** A client of job servers. */
import * as v from 'valibot';
import type { JobStatus } from '../../frameworks/jobBoard.ts';
import { type HttpQuestion, httpExchange } from './httpExchange.ts';
import { tokenFor } from './jobKey.ts';
import { JOB_BYTES_MAX, type JobList, JobListSchema, JobStatusSchema } from './jobList.ts';
import { printable } from './jobTable.ts';

/** A job server that could not be asked, or refused; the message is one sentence. */
export class JobServerError extends Error {
  override readonly name = 'JobServerError';
  /** Of the answer; undefined if there was none that can be read. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/** Talks to a job server. All calls reject with a {@link JobServerError}. */
export interface JobClient {
  list(): Promise<JobList>;
  show(id: string): Promise<JobStatus>;
  /** Sends a job, as JSON. Resolves with what became of it at once. */
  submit(job: unknown): Promise<JobStatus>;
  /** What it has to show when it has ended, as JSON. */
  result(id: string): Promise<unknown>;
  delete(id: string): Promise<JobStatus>;
  hold(id: string): Promise<JobStatus>;
  release(id: string): Promise<JobStatus>;
  scale(id: string, tasks: number): Promise<JobStatus>;
}

/** A client of the job server at a URL, `http://host:port/`. The key: see {@link tokenFor}. */
export function jobClient(url: URL, key: string): JobClient {
  const authorization = `Bearer ${tokenFor(key, url.host)}`;
  const ask = async <S extends v.GenericSchema>(
    schema: S,
    method: string,
    path: string,
    body = '',
  ): Promise<v.InferOutput<S>> => {
    const text = await bodyOf({ url: new URL(path, url), method, authorization, body });
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      value = undefined;
    }
    const parsed = v.safeParse(schema, value);
    if (parsed.success) return parsed.output;
    throw new JobServerError(`what ${url.host} answers is not what a job server says`);
  };
  const about = (id: string): string => `jobs/${encodeURIComponent(id)}`;
  return {
    list: () => ask(JobListSchema, 'GET', 'jobs'),
    show: (id) => ask(JobStatusSchema, 'GET', about(id)),
    async submit(job) {
      const body = JSON.stringify(job);
      // The server would hang up while it is sent.
      if (Buffer.byteLength(body) > JOB_BYTES_MAX)
        throw new JobServerError(`the description of a job may have at most ${JOB_BYTES_MAX} bytes`, 413);
      return ask(JobStatusSchema, 'POST', 'jobs', body);
    },
    result: (id) => ask(v.unknown(), 'GET', `${about(id)}/result`),
    delete: (id) => ask(JobStatusSchema, 'DELETE', about(id)),
    hold: (id) => ask(JobStatusSchema, 'POST', `${about(id)}/hold`),
    release: (id) => ask(JobStatusSchema, 'POST', `${about(id)}/release`),
    scale: (id, tasks) => ask(JobStatusSchema, 'POST', `${about(id)}/scale`, String(tasks)),
  };
}

/** Resolves with the body of a good answer. */
async function bodyOf(question: HttpQuestion): Promise<string> {
  const { host } = question.url;
  const { status, body } = await httpExchange(question).catch((error: Error) => {
    throw new JobServerError(`the job server at ${host} cannot be asked: ${error.message}`);
  });
  const text = body.toString('utf8');
  if (status === 200) return text;
  throw new JobServerError(printable(text).trim().slice(0, 1000) || `${host} answers ${status}`, status);
}
