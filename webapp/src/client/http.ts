/** Thin typed fetch: same origin, CSRF header on unsafe methods, problem+json becomes an error with its sentence. */

export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly code: string | null,
  ) {
    super(detail);
    this.name = "ApiProblem";
  }
}

let csrf = "";
let reads = new AbortController();

/** Ends every read under way and refuses new ones, until `resumeReads`: a session about to end must not be asked. */
export function abandonReads(): void {
  reads.abort();
}

export function resumeReads(): void {
  reads = new AbortController();
}

export function rememberCsrf(token: string): void {
  csrf = token;
}

export function csrfHeader(): Record<string, string> {
  return csrf ? { "x-csrf-token": csrf } : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

export async function problemOf(response: Response): Promise<ApiProblem> {
  const body: unknown = await response.json().catch(() => null);
  const fields = isRecord(body) ? body : {};
  const sentence =
    typeof fields.detail === "string"
      ? fields.detail
      : typeof fields.title === "string"
        ? fields.title
        : `The server answered ${response.status} without a reason. Try again; System shows its state.`;
  return new ApiProblem(response.status, sentence, typeof fields.code === "string" ? fields.code : null);
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Resolves to the JSON body, or undefined for 204; rejects with ApiProblem, status 0 when nobody answered. */
export async function request<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (method !== "GET") Object.assign(headers, csrfHeader());
  if (body !== undefined) headers["content-type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(`/v1${path}`, {
      method,
      headers,
      credentials: "same-origin",
      signal: method === "GET" ? reads.signal : null,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ApiProblem(0, "The server does not answer. Check that tenor is up, then retry.", "offline");
  }
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

export const get = <T>(path: string) => request<T>("GET", path);
export const post = <T>(path: string, body: unknown = {}) => request<T>("POST", path, body);
export const put = <T>(path: string, body: unknown) => request<T>("PUT", path, body);
export const patch = <T>(path: string, body: unknown) => request<T>("PATCH", path, body);
export const remove = <T>(path: string) => request<T>("DELETE", path);

export function sentence(error: unknown): string {
  return error instanceof Error ? error.message : "Something failed without a reason. Retry.";
}
