/* The service's answers. A failure is a Problem whose text can be shown. */

export class Problem extends Error {
  constructor(code, description) {
    super(description);
    this.code = code;
  }
}

/* GET JSON; parameters that are empty are left out. Throws Problem; an aborted request throws AbortError. */
export function get(path, parameters, signal) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== ""));
  return ask(`${path}?${query}`, { signal });
}

/* POST JSON, or a form with files. Throws Problem. */
export function post(path, body) {
  if (body instanceof FormData) return ask(path, { method: "POST", body });
  return ask(path, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
}

async function ask(address, { headers, ...how }) {
  let answer;
  try {
    answer = await fetch(address, { ...how, headers: { Accept: "application/json", ...headers } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem("Offline", "");
  }
  const body = await answer.json().catch((error) => {
    if (error.name === "AbortError") throw error;
    return null;
  });
  if (answer.ok && body) return body;
  throw new Problem(body?.code ?? (answer.ok ? "Offline" : String(answer.status)), body?.description ?? answer.statusText);
}
