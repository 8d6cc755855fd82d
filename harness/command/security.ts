/** The flags of daemons that concern secrets and certificates, and the files that they name. docs/security.md has it all. */
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import * as v from 'valibot';
import type { ClientTls } from '../../mesos/driver/v1/httpClient.ts';
import type { Credential } from '../../mesos/runtime/link/keys.ts';
import type { WireOptions } from '../../mesos/runtime/wire.ts';
import { infrastructureError, usageError } from './exit.ts';

/** How a daemon proves who it is, and what it demands of others. */
export type Security = Pick<
  WireOptions,
  'secret' | 'credential' | 'credentials' | 'tls' | 'tokenOf' | 'insecure'
>;

/** The flags, as the command line gives them. */
export interface SecurityFlags {
  readonly secret_file?: string;
  readonly credentials?: string;
  readonly credential?: string;
  readonly tls_cert?: string;
  readonly tls_key?: string;
  readonly tls_ca?: string;
  readonly allow_insecure?: boolean;
}

/** Gives a command the flags of a daemon that others log in to (`--credentials`), or that logs in (`--credential`). */
export function withSecurity(command: Command, side: 'credentials' | 'credential'): Command {
  command.option('--secret_file <file>', 'file with the secret that all processes of the cluster know');
  if (side === 'credentials')
    command.option('--credentials <file>', 'file with the principals that may connect, and their secrets');
  else command.option('--credential <file>', 'file with the principal that this is, and its secret');
  return command
    .option('--tls_cert <file>', 'certificate of this process (PEM); its common name is the principal')
    .option('--tls_key <file>', 'key of the certificate (PEM)')
    .option('--tls_ca <file>', 'certificate of the authority that signs all of the cluster (PEM)')
    .option('--allow_insecure', 'listen beyond this machine with neither secrets nor certificates');
}

/** Reads what the flags name. Throws, in one sentence, what is wrong with it. */
export function readSecurity(flags: SecurityFlags): Security {
  const { tls_cert, tls_key, tls_ca } = flags;
  const given = [tls_cert, tls_key, tls_ca].filter((file) => file !== undefined).length;
  if (given !== 0 && given !== 3) throw usageError('--tls_cert, --tls_key and --tls_ca are needed together');
  return {
    ...(flags.secret_file !== undefined && { secret: readSecret(flags.secret_file) }),
    ...(flags.credentials !== undefined && {
      credentials: readCredentials('--credentials', flags.credentials),
    }),
    ...(flags.credential !== undefined && { credential: readCredential('--credential', flags.credential) }),
    ...(tls_cert !== undefined &&
      tls_key !== undefined &&
      tls_ca !== undefined && {
        tls: {
          ca: read('--tls_ca', tls_ca),
          own: { cert: read('--tls_cert', tls_cert), key: read('--tls_key', tls_key) },
        },
      }),
    ...(flags.allow_insecure && { insecure: true }),
  };
}

/** What a client of HTTPS trusts and shows: an authority alone will do. Undefined if no flag is given. */
export function readClientTls({ tls_cert, tls_key, tls_ca }: SecurityFlags): ClientTls | undefined {
  if ((tls_cert === undefined) !== (tls_key === undefined))
    throw usageError('--tls_cert and --tls_key are needed together');
  if (tls_ca === undefined && tls_cert === undefined) return undefined;
  return {
    ...(tls_ca !== undefined && { ca: read('--tls_ca', tls_ca) }),
    ...(tls_cert !== undefined && { cert: read('--tls_cert', tls_cert) }),
    ...(tls_key !== undefined && { key: read('--tls_key', tls_key) }),
  };
}

/** The variable by which a slave tells its executors where the authority's certificate is; Mesos's own. */
const AUTHORITY_VARIABLE = 'LIBPROCESS_SSL_CA_FILE';

/** What an executor needs to know its slave by its certificate. */
export function authorityVariables({ tls_ca }: SecurityFlags): Readonly<Record<string, string>> {
  return tls_ca === undefined ? {} : { [AUTHORITY_VARIABLE]: resolve(tls_ca) };
}

/** The authority that an executor was told of. */
export function readAuthority(variables: NodeJS.ProcessEnv): Security {
  const file = variables[AUTHORITY_VARIABLE];
  return file === undefined ? {} : { tls: { ca: read(AUTHORITY_VARIABLE, file) } };
}

/** A secret from a file. */
export function readSecret(file: string): string {
  const secret = read('the secret file', file).trim();
  if (secret === '') throw usageError(`the secret file ${file} is empty`);
  return secret;
}

const CredentialSchema = v.object({ principal: v.string(), secret: v.string() });

/** As in Mesos: JSON, or a line for each with the principal and the secret. */
export function readCredentials(flag: string, file: string): readonly Credential[] {
  const text = read(flag, file).trim();
  if (!text.startsWith('{'))
    return text.split('\n').map((line) => {
      const [principal = '', secret, ...more] = line.trim().split(/\s+/);
      if (secret === undefined || more.length > 0) throw unreadable(flag, file);
      return { principal, secret };
    });
  try {
    const json: unknown = JSON.parse(text);
    if (v.is(CredentialSchema, json)) return [json];
    return v.parse(v.object({ credentials: v.array(CredentialSchema) }), json).credentials;
  } catch {
    throw unreadable(flag, file);
  }
}

/** Reads the principal that this is, and its secret, from a file that a flag names. */
export function readCredential(flag: string, file: string): Credential {
  const [first, ...more] = readCredentials(flag, file);
  if (first === undefined || more.length > 0)
    throw usageError(`${flag}: ${file} must have one principal and its secret`);
  return first;
}

function unreadable(flag: string, file: string): Error {
  return usageError(
    `${flag}: ${file} is neither lines of PRINCIPAL SECRET nor JSON such as {"credentials":[{"principal":"…","secret":"…"}]}`,
  );
}

/** No file of these is larger. */
const FILE_BYTES_MAX = 4 << 20;

function read(what: string, file: string): string {
  try {
    if (statSync(file).size > FILE_BYTES_MAX) throw new Error('it is larger than 4 MiB');
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw usageError(`${what} ${file} cannot be read: ${(error as Error).message}`);
  }
}

/** The key of which a slave makes its executors' tokens: made once, and kept in its work folder for its later lives. */
export function executorKey(workDir: string): string {
  const file = join(workDir, 'executor_key');
  try {
    writeFileSync(file, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw infrastructureError(`${file} cannot be written: ${(error as Error).message}`, error);
  }
  const key = read('the key of the executors', file);
  if (!/^[0-9a-f]{64}$/.test(key)) throw infrastructureError(`${file} is damaged; remove it`);
  return key;
}

const VariablesSchema = v.pipe(
  v.unknown(),
  v.check((variables) => !Array.isArray(variables)),
  v.record(v.string(), v.string()),
);

/** Reads variables for executors, as in Mesos: a JSON object, or `file://` and the path of a file with one. */
export function environmentVariables(text: string): Readonly<Record<string, string>> {
  const flag = '--executor_environment_variables';
  const json = text.startsWith('file://') ? read(flag, text.slice('file://'.length)) : text;
  try {
    return v.parse(VariablesSchema, JSON.parse(json));
  } catch {
    throw usageError(`${flag} must be a JSON object of texts, or file:// and the path of one`);
  }
}
