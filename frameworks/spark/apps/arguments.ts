/** What the built-in applications are told. */
import * as v from 'valibot';

/** Reads the `args` of an application. Throws a TypeError of one sentence if they are wrong. */
export function readArguments<S extends v.GenericSchema>(
  schema: S,
  args: Readonly<Record<string, unknown>>,
): v.InferOutput<S> {
  const result = v.safeParse(schema, args, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  if (issue.received === 'undefined')
    throw new TypeError(`The application needs '${v.getDotPath(issue)}', which is missing.`);
  throw new TypeError(
    `The arguments of the application: ${v.getDotPath(issue) ?? 'args'}: ${issue.message}.`,
  );
}
