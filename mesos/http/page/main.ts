/** The page of a master begins here. */
import { render } from 'preact';
import { App } from './app.ts';
import { start } from './cluster.ts';
import { html } from './html.ts';
import { knownAuthorization } from './signIn.ts';

const place = document.getElementById('app');
if (place !== null) {
  start(knownAuthorization());
  render(html`<${App} />`, place);
}
