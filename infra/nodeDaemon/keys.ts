/**
 * The keys of one deployment: an authority made for it alone, and what it signs. Only the controller has the authority's key.
 * A machine's certificate is good for serving only, so that no machine can command another.
 */
import { webcrypto } from 'node:crypto';

/** A certificate and its key, as PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** What the controller keeps: in memory, or in a file for its user's eyes only. Plain data, also as JSON. */
export interface DeploymentKeys {
  /** Signs the others. Its key never leaves the controller. */
  readonly authority: KeyPair;
  readonly controller: KeyPair;
}

/** What a machine is given. */
export interface MachineKeys extends KeyPair {
  /** The authority's certificate, as PEM. */
  readonly ca: string;
}

/** Common name in the controller's certificate. A machine takes orders from no other. */
export const CONTROLLER = 'controller';
/** How long keys are good, unless told otherwise. */
const DAYS = 14;
/** How far a machine's clock may be behind ours. */
const CLOCK_LAG_MS = 24 * 3_600_000;
const DAY_MS = 24 * 3_600_000;

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Makes an authority and the controller's certificate. */
export async function deploymentKeys(): Promise<DeploymentKeys> {
  const x509 = await library();
  const keys = await newKeys();
  const name = 'CN=mesos-lab deployment';
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name,
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(DAYS),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const pair = { cert: authority.toString('pem'), key: await pemOf(keys.privateKey) };
  return { authority: pair, controller: await controllerKeys(pair) };
}

/** Makes a certificate for the controller. `days` may be negative, in tests. */
export function controllerKeys(authority: KeyPair, days = DAYS): Promise<KeyPair> {
  return issue(authority, CONTROLLER, days);
}

/** Makes a machine's certificate. It is for that name, whatever address the machine is reached by. */
export async function machineKeys({ authority }: DeploymentKeys, name: string): Promise<MachineKeys> {
  return { ca: authority.cert, ...(await issue(authority, name, DAYS, name)) };
}

/** A certificate for a caller or, with the name of a host, for that host. */
async function issue(authority: KeyPair, name: string, days: number, host?: string): Promise<KeyPair> {
  const x509 = await library();
  const keys = await newKeys();
  const { clientAuth, serverAuth } = x509.ExtendedKeyUsage;
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [name] }],
    issuer: new x509.X509Certificate(authority.cert).subject,
    publicKey: keys.publicKey,
    signingKey: await privateKeyOf(authority.key),
    signingAlgorithm: ALGORITHM,
    ...validity(days),
    extensions: [
      new x509.ExtendedKeyUsageExtension([host === undefined ? clientAuth : serverAuth], true),
      ...(host === undefined
        ? []
        : [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: host }])]),
    ],
  });
  return { cert: certificate.toString('pem'), key: await pemOf(keys.privateKey) };
}

/** Loaded only by whoever makes keys. */
async function library(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function validity(days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  const now = Date.now();
  const notAfter = now + days * DAY_MS;
  return { notBefore: new Date(Math.min(now, notAfter) - CLOCK_LAG_MS), notAfter: new Date(notAfter) };
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const { PemConverter } = await library();
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

async function privateKeyOf(pem: string): Promise<webcrypto.CryptoKey> {
  const { PemConverter } = await library();
  return webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pem), ALGORITHM, false, ['sign']);
}
