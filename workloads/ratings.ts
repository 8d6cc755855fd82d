/**
 * Ratings with a known answer: a matrix of low rank with noise, of which a part is seen. What Netflix's or MovieLens's ratings are
 * thought to be, for alternating least squares (NSDI'11 §6.1.1, HotCloud'10 §5).
 */
import { randomNormal } from 'd3-random';
import { seededUniform } from './random.ts';

/** A user's rating of an item; both are numbers from 0. */
export interface Rating {
  readonly user: number;
  readonly item: number;
  readonly rating: number;
}

/** Which matrix, and how much of it is seen. */
export interface RatingsOptions {
  readonly users: number;
  readonly items: number;
  /** Of the matrix without noise. */
  readonly rank: number;
  /** Ratings of each user, of different items. */
  readonly perUser: number;
  /** Standard deviation of what is added to each rating. */
  readonly noise: number;
  readonly seed: number;
}

/** Ratings, user by user. Three decimals: what a line of text holds is what they are. */
export function* generateRatings(options: RatingsOptions): Generator<Rating, void, void> {
  const { users, items, rank, perUser, noise, seed } = options;
  if (perUser > items) throw new RangeError(`A user cannot rate ${perUser} of ${items} items.`);
  const uniform = seededUniform(`ratings ${seed}`);
  const normal = randomNormal.source(uniform)(0, 1);
  const factors = (count: number): Float64Array =>
    Float64Array.from({ length: count * rank }, () => normal() / Math.sqrt(rank));
  const [ofUsers, ofItems] = [factors(users), factors(items)];
  for (let user = 0; user < users; user += 1) {
    const rated = new Set<number>();
    while (rated.size < perUser) rated.add(Math.floor(uniform() * items));
    for (const item of rated) {
      let rating = noise * normal();
      for (let at = 0; at < rank; at += 1)
        rating += (ofUsers[user * rank + at] as number) * (ofItems[item * rank + at] as number);
      yield { user, item, rating: Math.round(rating * 1000) / 1000 };
    }
  }
}

/** A rating as a line of text, without its newline: `USER ITEM RATING`. */
export function ratingLine({ user, item, rating }: Rating): string {
  return `${user} ${item} ${rating}`;
}

/** Lines of so many ratings are made at a time. */
const RATINGS_PER_TEXT = 4096;

/** Ratings as text, some thousand lines at a time. */
export function* ratingTexts(options: RatingsOptions): Generator<Buffer, void, void> {
  let lines = '';
  let count = 0;
  for (const rating of generateRatings(options)) {
    lines += `${ratingLine(rating)}\n`;
    if (++count % RATINGS_PER_TEXT !== 0) continue;
    yield Buffer.from(lines);
    lines = '';
  }
  if (lines !== '') yield Buffer.from(lines);
}

/** Reads such a line. Throws a SyntaxError if it is none. */
export function readRating(line: string): Rating {
  const fields = line.split(' ');
  const [user, item, rating, ...more] = fields.map(Number);
  if (fields.includes('') || !isId(user) || !isId(item) || !Number.isFinite(rating) || more.length > 0)
    throw new SyntaxError(`A rating is USER ITEM RATING, not '${line.slice(0, 40)}'.`);
  return { user, item, rating: rating as number };
}

function isId(id: number | undefined): id is number {
  return Number.isSafeInteger(id) && (id as number) >= 0;
}
