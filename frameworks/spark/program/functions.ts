/**
 * Functions that run on executors. A closure cannot be sent to another process in JavaScript, so these are named functions of a
 * module: what travels is the module's place and the name, and the executor imports the module.
 */
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';

declare const isTaskFunction: unique symbol;

/** A function that executors can find. Only {@link taskFunctions} makes them. */
export type TaskFunction<A extends readonly unknown[], R> = ((...args: A) => R) & {
  readonly [isTaskFunction]: true;
};

type AnyFunction = (...args: never[]) => unknown;

/** The functions of a module, as they were given, marked as such that executors can find. */
export type TaskFunctions<F extends Readonly<Record<string, AnyFunction>>> = {
  readonly [K in keyof F]: F[K] & { readonly [isTaskFunction]: true };
};

export const FunctionRefSchema = v.object({
  /** `project:` and a path below the folder of the project, or a `file://` URL that all machines have. */
  module: v.pipe(v.string(), v.regex(/^(?:project:|file:\/\/)/), v.maxLength(4096)),
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
});
/** Where an executor finds a function. */
export type FunctionRef = Readonly<v.InferOutput<typeof FunctionRefSchema>>;

const PROJECT_SCHEME = 'project:';
/** The folder of the project, which need not be at the same place on all machines. */
const PROJECT = new URL('../../../', import.meta.url).href;

const refs = new WeakMap<AnyFunction, FunctionRef>();
const modules = new Map<string, Map<string, AnyFunction>>();

/**
 * Makes functions of the calling module known to executors. Call it once, when the module is loaded, with `import.meta.url`.
 * Throws a TypeError if the module is not a file, or a name was given before.
 */
export function taskFunctions<const F extends Readonly<Record<string, AnyFunction>>>(
  moduleUrl: string,
  functions: F,
): TaskFunctions<F> {
  if (!moduleUrl.startsWith('file://'))
    throw new TypeError(
      `Task functions must be in a file, so that executors can import it, not in '${moduleUrl}'.`,
    );
  const known = modules.get(moduleUrl) ?? new Map<string, AnyFunction>();
  modules.set(moduleUrl, known);
  const module = moduleUrl.startsWith(PROJECT)
    ? `${PROJECT_SCHEME}${moduleUrl.slice(PROJECT.length)}`
    : moduleUrl;
  for (const [name, run] of Object.entries(functions)) {
    if (known.has(name))
      throw new TypeError(`The task function '${name}' of ${fileURLToPath(moduleUrl)} was given twice.`);
    known.set(name, run);
    refs.set(run, { module, name });
  }
  return functions as unknown as TaskFunctions<F>;
}

/** Where executors find the function. Throws a TypeError if they cannot. */
export function refOf(run: AnyFunction, operation: string): FunctionRef {
  const ref = refs.get(run);
  if (ref !== undefined) return ref;
  const name = typeof run === 'function' ? `'${run.name || 'anonymous'}'` : `of type ${typeof run}`;
  throw new TypeError(
    `${operation} was given a function ${name} that executors cannot find; put it into taskFunctions(import.meta.url, { ... }) of its module.`,
  );
}

/** Imports the module of a function and finds it. Rejects with one sentence if there is none. */
export async function findFunction({ module, name }: FunctionRef): Promise<AnyFunction> {
  const url = module.startsWith(PROJECT_SCHEME)
    ? new URL(module.slice(PROJECT_SCHEME.length), PROJECT).href
    : module;
  if (module.startsWith(PROJECT_SCHEME) && !url.startsWith(PROJECT))
    throw new Error(`The module '${module}' is not below the folder of the project.`);
  await import(url).catch((error: Error) => {
    throw new Error(`The module ${url} of the task function '${name}' cannot be loaded: ${error.message}`);
  });
  const found = modules.get(url)?.get(name);
  if (found === undefined) throw new Error(`The module ${url} has no task function '${name}'.`);
  return found;
}
