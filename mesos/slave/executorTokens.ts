/**
 * Tokens of executors: each proves to its slave, and to no other process, that it is the executor of its container. A
 * token is good from the launch of the container to its end; a slave that starts again with the same key gives the same.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { TOKEN_VARIABLE } from '../isolation/executorCommand.ts';
import type { ContainerOwner, ContainerSpec, Isolation } from '../isolation/isolation.ts';
import { type Credential, TOKEN_PREFIX } from '../runtime/link/keys.ts';

/** Who the executor of a container proves to be. */
export function executorPrincipal(containerId: string): string {
  return `${TOKEN_PREFIX}${containerId}`;
}

/** The tokens of one slave. */
export interface ExecutorTokens {
  /** The secret of a principal, if it is an executor that is expected. */
  tokenOf(principal: string): string | undefined;
  /** Whom a whole token, as an executor was given it, proves to be; undefined if it proves nothing. */
  principalOf(token: string): string | undefined;
  /** The variables by which an executor is given its token. */
  environment(spec: ContainerSpec): Readonly<Record<string, string>>;
  /** The same isolation module; executors are expected from their launch, or recovery, to their end. */
  expecting(isolation: Isolation): Isolation;
}

/** Makes tokens from a key that only the slave knows. */
export function executorTokens(key: string | Buffer): ExecutorTokens {
  const expected = new Set<string>();
  const tokenOf = (principal: string): string => createHmac('sha256', key).update(principal).digest('hex');
  const expect = ({ containerId }: ContainerSpec, owner: ContainerOwner): ContainerOwner => {
    const principal = executorPrincipal(containerId);
    expected.add(principal);
    return {
      exited: (exit) => {
        expected.delete(principal);
        owner.exited(exit);
      },
      started: () => owner.started?.(),
    };
  };
  const expectedToken = (principal: string): string | undefined =>
    expected.has(principal) ? tokenOf(principal) : undefined;
  return {
    tokenOf: expectedToken,
    principalOf: (token) => {
      const { principal, secret } = parseToken(token) ?? { principal: '', secret: '' };
      const wanted = expectedToken(principal);
      // Both have the same length: 64 digits.
      return wanted !== undefined && timingSafeEqual(Buffer.from(wanted), Buffer.from(secret))
        ? principal
        : undefined;
    },
    environment: ({ containerId }) => {
      const principal = executorPrincipal(containerId);
      return { [TOKEN_VARIABLE]: `${principal}:${tokenOf(principal)}` };
    },
    expecting: (isolation) => {
      const { launch, recover } = isolation;
      return {
        launch: (spec, owner) => launch.call(isolation, spec, expect(spec, owner)),
        ...(recover && {
          recover: (spec, state, owner) => recover.call(isolation, spec, state, expect(spec, owner)),
        }),
      };
    },
  };
}

/** Reads the token that an executor was given; undefined if it was given none. */
export function readToken(variables: Readonly<Record<string, string | undefined>>): Credential | undefined {
  return parseToken(variables[TOKEN_VARIABLE] ?? '');
}

function parseToken(token: string): Credential | undefined {
  const [, principal, secret] = /^(.+):([0-9a-f]{64})$/.exec(token) ?? [];
  return principal === undefined || secret === undefined ? undefined : { principal, secret };
}
