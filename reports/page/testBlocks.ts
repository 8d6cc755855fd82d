/** Reads, for tests, what a page has packed. */
import { gunzipSync } from 'node:zlib';

/** The text of a packed block in a page, as its script unpacks it; null if there is none with this id. */
export function unpackedBlock(page: string, id: string): string | null {
  const packed = page.match(new RegExp(`<script type="application/gzip" id="${id}">([^<]*)<`))?.[1];
  return packed === undefined ? null : gunzipSync(Buffer.from(packed, 'base64')).toString('utf8');
}
