/** Finds the first commit at which a figure is worse, as `git bisect` finds the first that fails a test. */

/** What a commit is, held against the good one. */
export type CommitVerdict =
  | 'good'
  | 'bad'
  /** It cannot be run: another one is tried in its place. */
  | 'skip'
  /** It cannot be said: the search ends. */
  | 'unclear';

/** What a search has found. */
export type BisectResult =
  /** `first` is the first bad commit. Commits in `skipped` lie before it and might be it as well. */
  | { readonly is: 'found'; readonly first: string; readonly skipped: readonly string[] }
  /** It cannot be said of `at` what it is; the change lies in `range`, whose last commit is bad. */
  | { readonly is: 'unclear'; readonly at: string; readonly range: readonly string[] };

/**
 * Searches among commits in their order, all after the good one, the last of which is known to be bad. `judge` is asked as seldom as
 * may be; `tell` hears of each answer, with the number of commits at which the change may still have come. Throws a RangeError if there
 * is no commit.
 */
export async function bisect(
  commits: readonly string[],
  judge: (commit: string) => Promise<CommitVerdict>,
  tell: (commit: string, verdict: CommitVerdict, left: number) => void = () => {},
): Promise<BisectResult> {
  if (commits.length === 0) throw new RangeError('no commits to search');
  const skipped = new Set<string>();
  let good = -1;
  let bad = commits.length - 1;
  for (;;) {
    const open = commits.slice(good + 1, bad).filter((commit) => !skipped.has(commit));
    const middle = open[Math.floor(open.length / 2)];
    if (middle === undefined) break;
    const verdict = await judge(middle);
    switch (verdict) {
      case 'good':
        good = commits.indexOf(middle);
        break;
      case 'bad':
        bad = commits.indexOf(middle);
        break;
      case 'skip':
        skipped.add(middle);
        break;
      case 'unclear':
        return { is: 'unclear', at: middle, range: commits.slice(good + 1, bad + 1) };
      default:
        verdict satisfies never;
    }
    tell(middle, verdict, bad - good);
  }
  return { is: 'found', first: commits[bad] as string, skipped: commits.slice(good + 1, bad) };
}
