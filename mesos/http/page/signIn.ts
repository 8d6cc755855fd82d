/** Who one is, if the master wants to know: kept for as long as the tab is open, and nowhere else. */
import { useRef, useState } from 'preact/hooks';
import { html } from './html.ts';

const KEY = 'authorization';

/** What was given before, in this tab. */
export function knownAuthorization(): string | undefined {
  return sessionStorage.getItem(KEY) ?? undefined;
}

/** What is asked for. */
export interface SignInOptions {
  /** What the master takes. */
  readonly schemes: readonly string[];
  /** What was given before did not do. */
  readonly isWrong: boolean;
  readonly done: (authorization: string) => void;
}

/** `Authorization` for a name and a secret, whatever characters they have. */
function basic(principal: string, secret: string): string {
  const bytes = new TextEncoder().encode(`${principal}:${secret}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/** Asks who one is. */
export function SignIn({ schemes, isWrong, done }: SignInOptions) {
  const takesToken = schemes.includes('Bearer');
  const takesSecret = schemes.includes('Basic') || !takesToken;
  const [isToken, setToken] = useState(!takesSecret);
  const principal = useRef<HTMLInputElement>(null);
  const secret = useRef<HTMLInputElement>(null);
  const submit = (event: Event): void => {
    event.preventDefault();
    const given = secret.current?.value ?? '';
    const authorization = isToken ? `Bearer ${given.trim()}` : basic(principal.current?.value ?? '', given);
    sessionStorage.setItem(KEY, authorization);
    done(authorization);
  };
  return html`<section class="sign-in" aria-labelledby="sign-in-title">
    <h1 id="sign-in-title">Who are you?</h1>
    <p>This master shows itself to those it knows. What you give stays in this tab.</p>
    ${isWrong && html`<p class="wrong" role="alert"><span aria-hidden="true">✗</span> The master does not know that. Try again.</p>`}
    <form onSubmit=${submit}>
      ${
        takesToken &&
        takesSecret &&
        html`<fieldset><legend>With</legend>
          <label><input type="radio" name="how" checked=${!isToken} onChange=${() => setToken(false)} /> name and secret</label>
          <label><input type="radio" name="how" checked=${isToken} onChange=${() => setToken(true)} /> a token</label>
        </fieldset>`
      }
      ${!isToken && html`<label class="field">Principal <input ref=${principal} autocomplete="username" required autocapitalize="none" spellcheck=${false} /></label>`}
      <label class="field">${isToken ? 'Token' : 'Secret'} <input ref=${secret} type="password" autocomplete="current-password" required /></label>
      <button type="submit" class="primary">Sign in</button>
    </form>
  </section>`;
}
