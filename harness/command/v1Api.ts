/** The flags of a framework whose scheduler speaks the v1 API to its master instead of the links of the house. */
import { type Command, Option } from 'commander';
import { type Scheme, schedulerUrl } from '../../mesos/driver/v1/url.ts';
import type { V1MasterOptions } from '../../mesos/driver/v1/v1Master.ts';
import type { OpenElection } from '../../mesos/election/election.ts';
import type { ContentType } from '../../mesos/v1/codec.ts';
import { isContest, readElection } from './election.ts';
import { usageError } from './exit.ts';
import { readClientTls, readCredential, readSecret, type SecurityFlags } from './security.ts';

/** The flags, as the command line gives them. */
export interface V1Flags extends SecurityFlags {
  readonly api: 'links' | 'v1';
  readonly http_content_type?: keyof typeof FORMS;
  readonly http_credential?: string;
  readonly http_token?: string;
  readonly standby?: boolean;
  readonly guarantee?: unknown;
}

const FORMS = {
  json: 'application/json',
  protobuf: 'application/x-protobuf',
} as const satisfies Readonly<Record<string, ContentType>>;

/** Gives a command the flags. */
export function withV1(command: Command): Command {
  return command
    .addOption(
      new Option('--api <which>', 'what to speak to the master: the links of the house, or the v1 HTTP API')
        .choices(['links', 'v1'])
        .default('links'),
    )
    .addOption(
      new Option(
        '--http_content_type <form>',
        'with --api v1: the form of calls and events (default: json)',
      ).choices(Object.keys(FORMS)),
    )
    .option('--http_credential <file>', 'with --api v1: file with the principal that this is, and its secret')
    .option('--http_token <file>', 'with --api v1: file with the token that proves who this is');
}

/** How to reach the masters that `where` names, and the election that is to be closed in the end, if it names one. */
export function readV1(
  where: string,
  flags: V1Flags,
): { readonly options: Omit<V1MasterOptions, 'log'>; readonly election?: OpenElection } {
  refuseForeignFlags(flags);
  const tls = readClientTls(flags);
  const scheme = tls === undefined ? 'http' : 'https';
  const authorization = readAuthorization(flags);
  const election = isContest(where) ? readElection('--master', where) : undefined;
  return {
    options: {
      masters: election === undefined ? readUrls(where, scheme) : { detector: election, scheme },
      contentType: FORMS[flags.http_content_type ?? 'json'],
      ...(authorization !== undefined && { authorization }),
      ...(tls !== undefined && { tls }),
    },
    ...(election !== undefined && { election }),
  };
}

/** Refuses the flags that are for the v1 API only. */
export function refuseV1Flags(flags: V1Flags): void {
  for (const flag of ['http_content_type', 'http_credential', 'http_token'] as const)
    if (flags[flag] !== undefined) throw usageError(`--${flag} is for --api v1`);
}

function refuseForeignFlags({ standby, guarantee, credential }: V1Flags): void {
  if (standby)
    throw usageError(
      '--standby is not for --api v1: there, a scheduler takes the place of another at once; start it when it is needed',
    );
  if (guarantee !== undefined)
    throw usageError('--guarantee is not for --api v1, which has none; give the role a quota instead');
  if (credential !== undefined)
    throw usageError('--credential is for the links of the house; with --api v1 give --http_credential');
}

function readUrls(where: string, scheme: Scheme): readonly URL[] {
  try {
    return where.split(',').map((master) => schedulerUrl(master, scheme));
  } catch (error) {
    throw usageError(`--master: ${(error as Error).message}`);
  }
}

/** What proves to a master over HTTP who this is, if the flags have it. The secret of the cluster lets in too, but proves no name. */
export function readAuthorization({ http_credential, http_token, secret_file }: V1Flags): string | undefined {
  if (http_credential !== undefined && http_token !== undefined)
    throw usageError('give either --http_credential or --http_token');
  if (http_credential !== undefined) {
    const { principal, secret } = readCredential('--http_credential', http_credential);
    if (principal.includes(':'))
      throw usageError(`--http_credential: the principal '${principal}' has a colon; HTTP cannot carry it`);
    return `Basic ${Buffer.from(`${principal}:${secret}`, 'utf8').toString('base64')}`;
  }
  const file = http_token ?? secret_file;
  return file === undefined ? undefined : `Bearer ${readToken(file)}`;
}

function readToken(file: string): string {
  const token = readSecret(file);
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw usageError(`${file} has no token: one is a word of printable ASCII characters`);
}
