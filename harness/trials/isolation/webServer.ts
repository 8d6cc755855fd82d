/**
 * A small web application, as the victim of a hog: several processes, each of which renders one page at a time, as Apache's did in
 * NSDI'11 §6.7. They share a port, and the kernel hands out connections among them.
 *
 *     node webServer.ts PROCESSES HOST FILE
 *
 * They listen on this address; FILE is written, with the URL in it, when all do. All end with the first.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';

const PARAGRAPHS = 400;

/** Lines of an article with the marks of a wiki; the same for the same page. */
function article(page: number): string {
  return Array.from({ length: PARAGRAPHS }, (_, n) => {
    const word = (k: number): string => `word${(page * 31 + n * 17 + k * k) % 997}`;
    const words = Array.from({ length: 24 }, (_, k) => {
      if (k % 11 === 3) return `'''${word(k)}'''`;
      return k % 7 === 5 ? `[[${word(k)}|${word(k + 1)}]]` : word(k);
    });
    return n % 20 === 0 ? `== ${words[0]} ==` : words.join(' ');
  }).join('\n\n');
}

/** The article as HTML, with its headings on top and its most frequent words below. */
function render(page: number): string {
  const headings: string[] = [];
  const counts = new Map<string, number>();
  const body = article(page)
    .split('\n\n')
    .map((block) => {
      for (const [word] of block.matchAll(/\w+/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
      const html = block
        .replace(/&/g, '&amp;')
        .replace(/</g, '&lt;')
        .replace(/'''(.+?)'''/g, '<b>$1</b>')
        .replace(/\[\[(\w+)\|(\w+)\]\]/g, '<a href="/$1">$2</a>');
      const [, heading] = /^== (.+) ==$/.exec(html) ?? [];
      if (heading === undefined) return `<p>${html}</p>`;
      headings.push(`<li>${heading}</li>`);
      return `<h2>${heading}</h2>`;
    });
  const frequent = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).slice(0, 20);
  return [
    `<!doctype html><title>Page ${page}</title><ol>${headings.join('')}</ol>`,
    ...body,
    `<footer>${frequent.map(([word, n]) => `${word} ${n}`).join(', ')}</footer>`,
  ].join('\n');
}

/** Listens; resolves with the port. */
function serve(host: string, port: number): Promise<number> {
  let page = 0;
  const server = createServer((_request, answer) => {
    answer.writeHead(200, { 'content-type': 'text/html; charset=utf-8', connection: 'close' });
    answer.end(render(++page));
  });
  // Slow is slow, not refused.
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, reusePort: true }, () => resolve((server.address() as AddressInfo).port));
  });
}

/** Starts one more process; resolves when it listens. */
function startAnother(host: string, port: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, [import.meta.filename, 'another', host, `${port}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Where the kernel shares processors out among sessions, each counts for itself, as it did to the paper's kernel.
    detached: true,
  });
  child.once('exit', () => process.exit(1));
  return new Promise((resolve) => {
    createInterface({ input: child.stdout }).once('line', () => resolve(child));
  });
}

const [which, host = '', argument = ''] = process.argv.slice(2);
if (which === 'another') {
  // Its standard input is its lifeline.
  process.stdin.once('close', () => process.exit()).resume();
  await serve(host, Number(argument));
  console.log('listening');
} else {
  const port = await serve(host, 0);
  await Promise.all(Array.from({ length: Number(which) - 1 }, () => startAnother(host, port)));
  writeFileSync(`${argument}.part`, `http://${host}:${port}/`);
  renameSync(`${argument}.part`, argument);
}
