/** For tests: a real browser that looks at a page. */
import { existsSync } from 'node:fs';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Test } from 'uvu';

/** The browser, and how it is started. */
export const CHROMIUM = '/usr/bin/chromium';
const MISSING = `There is no browser at ${CHROMIUM}: install Debian's package chromium to test the page in it.`;
export const CHROMIUM_FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** Longest wait for anything: so long only where it would be for ever. */
const PATIENCE_MS = 60_000;

/** How a page is looked at. */
export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
}

/** A page that is open. */
export interface Visit {
  readonly page: Page;
  /** What the browser complains of, so far: violations of the page's policy, errors of scripts, requests that failed. */
  readonly complaints: string[];
}

/** Registers a test. Without a browser it fails where that counts, so that nobody takes silence for success. */
export function browserTest(test: Test, name: string, run: () => Promise<void>): void {
  if (existsSync(CHROMIUM)) test(name, run);
  else if (process.env.CI === undefined) test.skip(name, run);
  else
    test(name, () => {
      throw new Error(MISSING);
    });
}

let started: Promise<BrowserContext> | undefined;

/**
 * One window for all tests, whose first tab stays empty: a window costs the browser more than most tests do. What a page keeps is that
 * of its address, and masters of tests have ports of their own.
 */
async function openWindow(): Promise<BrowserContext> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
  const context = await browser.newContext();
  await context.newPage();
  return context;
}

/** Opens an address in a tab of its own and lets a test look at it. */
export async function visit(url: string, look: Look, run: (visit: Visit) => Promise<void>): Promise<void> {
  started ??= openWindow();
  const page = await (await started).newPage();
  const { width = 1280, height = 860, scheme = 'light' } = look;
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: scheme });
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  try {
    await page.goto(url);
    await run({ page, complaints });
  } finally {
    await page.close();
  }
}

/** Closes the browser, if one was needed. */
export async function closeBrowser(): Promise<void> {
  const context = await started;
  started = undefined;
  await context?.browser()?.close();
}

const FRAMES_MAX = 300;

/**
 * Pixels by which a document stays wider than its window; while it goes from one place to another it may be so for a moment. Not
 * `waitForFunction`: the page's policy forbids what that makes of a text.
 */
export async function overflow(page: Page): Promise<number> {
  return page.evaluate(`new Promise((resolve) => {
    let frames = 0;
    const look = () => {
      const pixels = document.documentElement.scrollWidth - window.innerWidth;
      if (pixels > 0 && ++frames < ${FRAMES_MAX}) requestAnimationFrame(look);
      else resolve(pixels);
    };
    look();
  })`);
}
