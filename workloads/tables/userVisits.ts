/**
 * The table `uservisits`: who visited which page, and what it earned (SIGMOD'09 §4.3).
 *
 * As published: some 130 bytes a row, and 62 visits from an address on average (155 million from 2.5 million). Pages are visited after
 * Zipf's law with an exponent of 1. Dates are uniform over 20 years, of which the join's range is one; revenues are uniform from 0 to
 * 1,000 with 4 decimals.
 */
import { seededUniform, type Uniform } from '../random.ts';
import { pageUrl } from './rankings.ts';
import { checkRows, DELIMITER, inChunks } from './table.ts';

/** The columns, in order. */
export const USER_VISITS = {
  sourceIP: 0,
  destURL: 1,
  visitDate: 2,
  adRevenue: 3,
  userAgent: 4,
  countryCode: 5,
  languageCode: 6,
  searchWord: 7,
  duration: 8,
} as const;

const VISITS_PER_SOURCE = 62;
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(1990, 0, 1) / DAY_MS;
const DAYS = Date.UTC(2010, 0, 1) / DAY_MS - FIRST_DAY;
const REVENUE_UNITS = 1000 * 10_000;
const DURATION_MAX = 10_000;
const AGENTS = [
  'Mozilla/5.0 (X11; U; Linux i686; en-US) Gecko/2009',
  'Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)',
  'Mozilla/5.0 (Macintosh; U; PPC Mac OS X) Safari/312',
  'Opera/9.80 (Windows NT 5.1; U; en) Presto/2.2.15',
  'Lynx/2.8.5rel.1 libwww-FM/2.14',
  'Wget/1.10.2',
];
const COUNTRIES = ['USA', 'DEU', 'FRA', 'GBR', 'CHN', 'IND', 'BRA', 'JPN', 'POL', 'ZAF', 'EGY', 'CHL'];
const LANGUAGES = ['en-US', 'de-DE', 'fr-FR', 'en-GB', 'zh-CN', 'hi-IN', 'pt-BR', 'ja-JP', 'pl-PL', 'ar-EG'];
const SYLLABLES = ['ba', 'co', 'di', 'fu', 'ge', 'hi', 'jo', 'ka', 'lu', 'me', 'no', 'pi', 'ra', 'su', 'te'];
const WORDS = 5000;

/** How to make it. */
export interface UserVisitsOptions {
  readonly rows: number;
  readonly seed: number;
  /** Rows of the table of rankings, whose pages are visited. */
  readonly pages: number;
  /** Addresses from which people come; default one for 62 rows. */
  readonly sources?: number;
}

/** The rows, in pieces of whole lines. */
export function userVisitsTable(options: UserVisitsOptions): Iterable<Buffer> {
  const { rows, pages, sources = Math.ceil(rows / VISITS_PER_SOURCE) } = options;
  checkRows(rows);
  if (!(pages >= 1)) throw new RangeError(`Visitors need at least one page, not ${pages}.`);
  return inChunks(visits({ ...options, sources }));
}

function* visits({ rows, seed, pages, sources }: Required<UserVisitsOptions>): Generator<string, void, void> {
  const uniform = seededUniform(`uservisits ${seed}`);
  const stride = strideOf(pages);
  const dates = Array.from({ length: DAYS }, (_, day) =>
    new Date((FIRST_DAY + day) * DAY_MS).toISOString().slice(0, 10),
  );
  const words = Array.from({ length: WORDS }, (_, n) => searchWord(n));
  for (let row = 0; row < rows; row += 1) {
    // Log-uniform: page k is drawn with a probability that is as good as proportional to 1 / k.
    const popularity = Math.min(pages, Math.floor((pages + 1) ** uniform()));
    const page = (popularity * stride) % pages;
    const fields = [
      sourceAddress(Math.floor(uniform() * sources)),
      pageUrl(page),
      pick(dates, uniform),
      revenue(Math.floor(uniform() * REVENUE_UNITS)),
      pick(AGENTS, uniform),
      pick(COUNTRIES, uniform),
      pick(LANGUAGES, uniform),
      pick(words, uniform),
      1 + Math.floor(uniform() * DURATION_MAX),
    ];
    yield `${fields.join(DELIMITER)}\n`;
  }
}

function pick(items: readonly string[], uniform: Uniform): string {
  return items[Math.floor(uniform() * items.length)] as string;
}

/** Address n: no two are the same. */
function sourceAddress(source: number): string {
  const mixed = Math.imul(source, 0x9e3779b1) >>> 0;
  return `${mixed >>> 24}.${(mixed >>> 16) & 255}.${(mixed >>> 8) & 255}.${mixed & 255}`;
}

/** So many ten-thousandths, as a decimal. */
function revenue(units: number): string {
  return `${Math.floor(units / 10_000)}.${String(units % 10_000).padStart(4, '0')}`;
}

function searchWord(n: number): string {
  let word = '';
  for (let rest = n + SYLLABLES.length; rest > 0; rest = Math.floor(rest / SYLLABLES.length))
    word += SYLLABLES[rest % SYLLABLES.length];
  return word;
}

/** A step that leads through all pages before it comes back, so that popular pages are not neighbours in `rankings`. */
function strideOf(pages: number): number {
  let stride = Math.max(1, Math.floor(pages * 0.618));
  while (greatestDivisor(stride, pages) > 1) stride += 1;
  return stride;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
