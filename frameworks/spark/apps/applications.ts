/** The applications that are known by name, and others by the path of their module. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { GenericSchema } from 'valibot';
import type { Main } from '../program/context.ts';

/** What the module of an application has for who runs it. */
export interface Application {
  readonly main: Main;
  /** What it is to be told. Absent: it looks itself, when it runs. */
  readonly ArgsSchema?: GenericSchema;
}

const APPLICATIONS: Readonly<Record<string, () => Promise<Application>>> = {
  'logistic-regression': () => import('./logisticRegression.ts'),
  'alternating-least-squares': () => import('./alternatingLeastSquares.ts'),
  pi: () => import('./pi.ts'),
  wordcount: () => import('./wordcount.ts'),
};

/** Names of the built-in applications. */
export const APPLICATION_NAMES = Object.keys(APPLICATIONS);

/**
 * A built-in application, or that of the module at a path. Rejects with a TypeError of one sentence if there is none.
 */
export async function loadApplication(app: string): Promise<Application> {
  const builtIn = Object.hasOwn(APPLICATIONS, app) ? APPLICATIONS[app] : undefined;
  if (builtIn !== undefined) return builtIn();
  if (!/\.[cm]?[jt]s$/.test(app))
    throw new TypeError(
      `There is no application '${app}'; there is ${APPLICATION_NAMES.join(', ')}, or give the path of a module, e.g. ./app.ts.`,
    );
  const path = resolve(app);
  const module: unknown = await import(pathToFileURL(path).href).catch((error: Error) => {
    throw new TypeError(`The application ${path} cannot be loaded: ${error.message}`);
  });
  const { main } = module as { readonly main?: unknown };
  if (typeof main !== 'function')
    throw new TypeError(`The application ${path} exports no function 'main(context, args)'.`);
  return { main: main as Main };
}
