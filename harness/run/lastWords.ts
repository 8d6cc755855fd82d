/** What a process that failed has said of it. */

/** From the lines that it wrote last: the last complaint, or else the last line. */
export function lastWords(lines: readonly string[]): string {
  const complaint = lines.findLast((line) =>
    /^(\w*Error(?: \[\w+\])?|error|lab|npm error): /.test(line.trim()),
  );
  return (complaint ?? lines.at(-1) ?? 'it said nothing').trim();
}
