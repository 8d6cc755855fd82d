/** What the built-in applications are told. */
import * as v from 'valibot';

/** An application is not told what it needs. */
export class MissingArgumentError extends TypeError {
  /** What it is called. */
  readonly argument: string;

  constructor(argument: string) {
    super(`The application needs '${argument}', which is missing.`);
    this.argument = argument;
  }
}

/** Reads the `args` of an application. Throws a TypeError of one sentence if they are wrong. */
export function readArguments<S extends v.GenericSchema>(
  schema: S,
  args: Readonly<Record<string, unknown>>,
): v.InferOutput<S> {
  const result = v.safeParse(schema, args, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  if (issue.received === 'undefined') throw new MissingArgumentError(v.getDotPath(issue) ?? 'args');
  throw new TypeError(
    `The arguments of the application: ${v.getDotPath(issue) ?? 'args'}: ${issue.message}.`,
  );
}
