/** How the documents of a master leave it: for GET and HEAD, compressed for those who want that, as JSONP for web pages. */
import type { Reign } from '../../master/reign.ts';
import type { MasterWindow } from '../../master/window.ts';
import { requireGet } from '../calls.ts';
import { type Answer, callbackOf, type Endpoint, Refusal, type Request, takesGzip } from '../exchange.ts';
import { led } from '../leader.ts';
import type { Chronicle } from './chronicle.ts';
import type { Chronicler } from './chronicler.ts';
import type { Press } from './press.ts';
import type { Production } from './sheet.ts';

/** What documents are made from. */
export interface Archive {
  readonly window: () => MasterWindow | undefined;
  readonly chronicler: Chronicler;
  readonly press: Press;
}

/** An endpoint that only a master that leads can answer; `write` is asked when the request has been understood. */
export function ledDocument(
  archive: Archive,
  write: (chronicle: Chronicle, request: Request) => Production,
): Endpoint {
  const { window, press } = archive;
  return led(window, (request, reign) => {
    requireGet(request);
    const chronicle = chronicleOf(archive, reign);
    const { path, query } = request;
    const asked = new URLSearchParams(query);
    asked.delete('jsonp');
    const key = `${reign.books.info.id} ${path} ${asked}`;
    return jsonAnswer(request, press, key, write(chronicle, request));
  });
}

/** The chronicle of a reign. Throws a {@link Refusal} if there is none. */
export function chronicleOf({ chronicler }: Archive, { books }: Reign): Chronicle {
  const { chronicle } = chronicler;
  if (chronicle?.books !== books) throw new Refusal(503, 'This master does not lead any more; ask again');
  return chronicle;
}

/** JSON that is written piece by piece. Requests with the same key get the same. */
export function jsonAnswer(request: Request, press: Press, key: string, production: Production): Answer {
  const callback = callbackOf(request);
  if (callback !== undefined)
    return {
      pieces: called(callback, press.copy(key, production)),
      headers: { 'Content-Type': 'text/javascript', 'X-Content-Type-Options': 'nosniff' },
    };
  return packedAnswer(request, press, key, production, 'application/json');
}

/** What is written piece by piece, compressed if that is wanted. */
export function packedAnswer(
  request: Request,
  press: Press,
  key: string,
  production: Production,
  contentType: string,
): Answer {
  const isPacked = takesGzip(request);
  return {
    pieces: press.copy(key, production, isPacked ? 'gzip' : 'plain'),
    headers: {
      'Content-Type': contentType,
      Vary: 'Accept-Encoding',
      ...(isPacked && { 'Content-Encoding': 'gzip' }),
    },
  };
}

/** The comment keeps what follows from being taken for anything but a script. */
async function* called(name: string, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string | Uint8Array> {
  yield `/**/${name}(`;
  yield* pieces;
  yield ');';
}
