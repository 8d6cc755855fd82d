/** Requests to the master. */

/** An error, in words for people. */
export function troubleText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Asks; rejects with an Error that says so if nobody answers. */
export function reachable(path: string, init: RequestInit): Promise<Response> {
  return fetch(path, init).catch((error: Error) => {
    throw error.name === 'AbortError' ? error : new Error('the master cannot be reached');
  });
}

/** A request to the master, for JSON. Throws an Error that says what is wrong. */
export async function askMaster(
  authorization: string | undefined,
  path: string,
  call?: object,
): Promise<unknown> {
  const response = await reachable(path, {
    ...(call !== undefined && { method: 'POST', body: JSON.stringify(call) }),
    headers: {
      Accept: 'application/json',
      ...(call !== undefined && { 'Content-Type': 'application/json' }),
      ...(authorization !== undefined && { Authorization: authorization }),
    },
    credentials: 'omit',
    redirect: 'manual',
    cache: 'no-store',
  });
  if (response.ok) return response.json();
  const text = response.type === 'opaqueredirect' ? '' : (await response.text()).slice(0, 300);
  throw new Error(text === '' ? `the master answered with status ${response.status}` : text);
}
