/** The page of sandboxes begins here. It is a document of its own: it may talk to one slave, and the master's page to none. */
import { render } from 'preact';
import { SandboxPage } from './files/sandboxPage.ts';
import { html } from './html.ts';

const place = document.getElementById('app');
if (place !== null) render(html`<${SandboxPage} />`, place);
