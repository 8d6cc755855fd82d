/** Which secrets a process knows, and whom it knows by them. */

/** A name, and the secret by which its owner proves to be it. */
export interface Credential {
  /** 1 to 255 printable ASCII characters, no spaces. */
  readonly principal: string;
  readonly secret: string;
}

/** The secrets of a process. */
export interface KeyOptions {
  /** Known to all processes of the cluster. Who knows it may be any of them, so it proves no name. */
  readonly secret?: string;
  /** By which this process proves to those that it dials who it is: its own secret, or a token that it was given. */
  readonly credential?: Credential;
  /** Those that may dial this process. */
  readonly credentials?: readonly Credential[];
  /**
   * Secrets of principals that come and go, e.g. executors; their names begin with {@link TOKEN_PREFIX}, and they are asked
   * for whenever one calls. Who has only a token needs no certificate, may not listen, and may hold
   * {@link TOKEN_LINKS_MAX} links.
   */
  readonly tokenOf?: (principal: string) => string | undefined;
}

/** How the names begin that have tokens; no certificate and no credential can be for such a name. */
export const TOKEN_PREFIX = 'executor/';
/** Links that one token may hold at a time: one, and some that it has lost and we have not noticed yet. */
export const TOKEN_LINKS_MAX = 4;

/** A secret that a caller may know, and what it says of the caller. */
export type Key =
  /** It is one of the cluster. */
  | { readonly kind: 'cluster'; readonly secret: string }
  /** It is whoever keeps the credentials, our own among them. */
  | { readonly kind: 'own'; readonly secret: string }
  /** It is that principal. */
  | { readonly kind: 'principal' | 'token'; readonly secret: string };

/** By which secret to dial. */
export interface DialKey {
  /** The name that goes with it; empty for the secret of the cluster. */
  readonly principal: string;
  readonly secret: string;
  /** Does the other end, by knowing it, prove to be the principal? */
  readonly isTheirs: boolean;
}

/** The secrets of a process, by the names that go with them. The empty name is that of the cluster's secret. */
export class Keyring {
  readonly #options: KeyOptions;
  readonly #secrets: ReadonlyMap<string, string>;

  constructor(options: KeyOptions) {
    this.#options = options;
    this.#secrets = new Map(options.credentials?.map(({ principal, secret }) => [principal, secret]));
  }

  /** Must a caller prove that it knows a secret? */
  get demanded(): boolean {
    const { secret, credential, credentials } = this.#options;
    return secret !== undefined || credential !== undefined || credentials !== undefined;
  }

  /** The secret that goes with a caller's name; undefined if there is none. */
  find(principal: string): Key | undefined {
    const { secret, credential, tokenOf } = this.#options;
    if (principal === '') return secret === undefined ? undefined : { kind: 'cluster', secret };
    const known = this.#secrets.get(principal);
    if (known !== undefined) return { kind: 'principal', secret: known };
    if (principal === credential?.principal) return { kind: 'own', secret: credential.secret };
    const token = principal.startsWith(TOKEN_PREFIX) ? tokenOf?.(principal) : undefined;
    return token === undefined ? undefined : { kind: 'token', secret: token };
  }

  /** By which secret to dial a process, which was known by that name when it last called; undefined: by none. */
  forDial(knownAs: string | undefined): DialKey | undefined {
    const { secret, credential } = this.#options;
    const theirs = knownAs === undefined ? undefined : this.#secrets.get(knownAs);
    if (knownAs !== undefined && theirs !== undefined)
      return { principal: knownAs, secret: theirs, isTheirs: true };
    if (credential !== undefined && !(knownAs === '' && secret !== undefined))
      return { ...credential, isTheirs: false };
    return secret === undefined ? undefined : { principal: '', secret, isTheirs: false };
  }
}

/** Can this be a principal's name? */
export function isPrincipal(text: string): boolean {
  return /^[\x21-\x7e]{1,255}$/.test(text);
}
