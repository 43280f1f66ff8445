import axios, { AxiosError, CanceledError } from 'axios';
import { ApiProblem } from './problem';

/** The doctor makes several calls to a shop that may be slow. */
export const PATIENT_MS = 120_000;

export const http = axios.create({ baseURL: '/api/v1', timeout: 30_000, headers: { Accept: 'application/json' } });

let csrfToken: string | null = null;
let unauthorised: () => void = () => undefined;
let enrolmentDue: () => void = () => undefined;

export const setCsrfToken = (token: string | null): void => {
  csrfToken = token;
};

/** Called when the server no longer knows our session. */
export const onUnauthorised = (listener: () => void): void => {
  unauthorised = listener;
};

/** Called when the server lets us do nothing before a second factor is set up. */
export const onEnrolmentDue = (listener: () => void): void => {
  enrolmentDue = listener;
};

/** Calls by which somebody comes in: a refusal there does not end a session. */
const DOORS = ['/session', '/session/second-factor', '/setup', '/join', '/join/look'];

http.interceptors.request.use((request) => {
  if (csrfToken !== null && request.method !== 'get') request.headers.set('X-CSRF-Token', csrfToken);
  return request;
});

http.interceptors.response.use(undefined, (thrown: unknown) => {
  // A call given up by the caller is not a failure; the caller recognises it by its class.
  if (thrown instanceof CanceledError || !(thrown instanceof AxiosError)) throw thrown;
  if (thrown.response === undefined) {
    throw ApiProblem.withoutAnswer(thrown.code === AxiosError.ECONNABORTED ? 'timeout' : 'network');
  }
  const problem = ApiProblem.fromAnswer(
    thrown.response.status,
    thrown.response.data,
    thrown.response.headers['retry-after'],
  );
  if (problem.kind === 'unauthorised' && !DOORS.includes(thrown.config?.url ?? '')) unauthorised();
  if (problem.code === 'second_factor_required') enrolmentDue();
  throw problem;
});

export const givenUp = (thrown: unknown): boolean => thrown instanceof CanceledError;

export interface Page<Row> {
  readonly data: Row[];
  readonly nextCursor: string | null;
}

/** Every row of a list that is short by nature (shops, sources, connections). */
export async function allRows<Row>(path: string, signal?: AbortSignal): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const { data: page } = await http.get<Page<Row>>(path, { params: { limit: 200, cursor }, signal });
    rows.push(...page.data);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return rows;
}
