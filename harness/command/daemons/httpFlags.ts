/** The flags of daemons that concern HTTP: who may ask them. docs/security.md has it all. */
import { hostname } from 'node:os';
import type { Command } from 'commander';
import {
  type Authenticator,
  authenticator,
  type Credential,
  nobody,
} from '../../../mesos/http/authentication.ts';
import { usageError } from '../exit.ts';
import { readCredentials, type Security } from '../security.ts';

/** The flags, as the command line gives them. */
export interface HttpFlags {
  readonly http_credentials?: string;
  readonly http_tokens?: string;
}

/** Who may ask. */
export interface HttpAccess {
  readonly authenticate: Authenticator;
  /** If anybody may: the names by which the daemon must be called. */
  readonly hosts?: ReadonlySet<string>;
}

/** Gives a command the flags of a daemon that speaks HTTP. */
export function withHttp(command: Command): Command {
  return command
    .option(
      '--http_credentials <file>',
      'file with the principals that may ask over HTTP, and their passwords',
    )
    .option('--http_tokens <file>', 'file with the principals that may ask over HTTP, and their tokens');
}

/**
 * Reads who may ask. Without these flags it is whoever may connect to the daemon otherwise; where that is by a secret that only
 * one process has, nobody. `names`: hosts by which others know the daemon. Throws, in one sentence, what is wrong.
 */
export function readHttpAccess(
  flags: HttpFlags,
  security: Security,
  names: readonly (string | undefined)[],
): HttpAccess {
  const { secret, credential, credentials = [], tls } = security;
  const passwords = [...read('--http_credentials', flags.http_credentials), ...credentials];
  const tokens = read('--http_tokens', flags.http_tokens);
  const hasMeans = passwords.length > 0 || tokens.length > 0 || secret !== undefined || tls !== undefined;
  if (!hasMeans && credential !== undefined) return { authenticate: nobody };
  const authenticate = authenticator({
    credentials: passwords,
    tokens,
    ...(secret !== undefined && { secret }),
    byCertificate: tls !== undefined,
  });
  if (hasMeans) return { authenticate };
  const known = ['localhost', hostname(), ...names.filter((name) => name !== undefined)];
  return { authenticate, hosts: new Set(known.map((name) => name.toLowerCase())) };
}

/** Variables for executors hold secrets. */
const UNTOLD = new Set(['executor_environment_variables']);
/** Flags that are spans of time, which are read as milliseconds. */
const SPAN = /_(timeout|delay|period|interval)$/;

/** The flags of a daemon as texts, for those who ask over HTTP: names of files, not what is in them. */
export function flagTexts(flags: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const told = Object.entries(flags).filter(([name, value]) => value !== undefined && !UNTOLD.has(name));
  return Object.fromEntries(told.map(([name, value]) => [name, flagText(name, value)]));
}

function flagText(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  if (typeof value === 'number' && SPAN.test(name)) return `${value}ms`;
  if (typeof value !== 'object' || value === null) return `${value}`;
  return Object.entries(value)
    .map(([key, item]) => `${key}:${item}`)
    .join(';');
}

function read(flag: string, file: string | undefined): readonly Credential[] {
  if (file === undefined) return [];
  const credentials = readCredentials(flag, file);
  if (credentials.length === 0)
    throw usageError(`${flag}: ${file} names nobody; leave the flag out, or name somebody`);
  const empty = credentials.find(({ principal, secret }) => principal === '' || secret === '');
  if (empty !== undefined) throw usageError(`${flag}: ${file} has an empty name or secret; give each both`);
  return credentials;
}
