/** Certificates for tests, made by the `openssl` command. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsOptions } from './link/tls.ts';

/** An authority that a test made up. */
export interface TestAuthority {
  /** Its certificate, as PEM. */
  readonly ca: string;
  /** The options of a process with a certificate of this authority. */
  issue(name: string, how?: { readonly days?: number; readonly host?: string }): Required<TlsOptions>;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Makes an authority. Its certificates are for 127.0.0.1 and in force for a day, unless told otherwise. */
export function testAuthority(): TestAuthority {
  const own = inFolder((folder) => {
    const extensions = ['-addext', 'basicConstraints=critical,CA:TRUE'];
    openssl(folder, [
      'req',
      '-x509',
      ...KEY,
      '-keyout',
      'key',
      '-out',
      'cert',
      '-subj',
      '/CN=test',
      ...extensions,
    ]);
    return { cert: read(folder, 'cert'), key: read(folder, 'key') };
  });
  return {
    ca: own.cert,
    issue: (name, { days = 1, host = 'IP:127.0.0.1' } = {}) => ({
      ca: own.cert,
      own: inFolder((folder) => {
        writeFileSync(join(folder, 'ca'), own.cert + own.key);
        writeFileSync(join(folder, 'extensions'), `subjectAltName=${host}`);
        openssl(folder, ['req', ...KEY, '-keyout', 'key', '-out', 'request', '-subj', `/CN=${name}`]);
        const signing = ['-CA', 'ca', '-CAkey', 'ca', '-CAcreateserial', '-extfile', 'extensions'];
        openssl(folder, [
          'x509',
          '-req',
          '-in',
          'request',
          '-out',
          'cert',
          '-days',
          String(days),
          ...signing,
        ]);
        return { cert: read(folder, 'cert'), key: read(folder, 'key') };
      }),
    }),
  };
}

function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function openssl(folder: string, args: readonly string[]): void {
  try {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error("these tests need the 'openssl' command; install it");
  }
}

function read(folder: string, name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}
