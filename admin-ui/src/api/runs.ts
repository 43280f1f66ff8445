import type { Flow, FlowPatch, Run, RunLine, RunLinePage, RunNotes, RunPage } from '../../../server/http/schemas/runs';
import { http, PATIENT_MS } from './http';

export type { Flow, FlowPatch, Run, RunLine, RunLinePage, RunPage };
export type RunNote = RunNotes['data'][number];
export type RunKind = Run['kind'];
export type RunStatus = Run['status'];
export type RunPhase = Run['phase'];
export type LineOutcome = NonNullable<RunLine['outcome']>;

export interface RunFilter {
  readonly connectionId?: number;
}

/** In the order in which the panel lists them: what was done first, then what asks for a person, the rest last. */
export const LINE_OUTCOMES = [
  'changed',
  'would_change',
  'equal',
  'failed',
  'unmatched',
  'reported',
  'ambiguous',
  'rejected',
  'retrying',
  'superseded',
  'not_chosen',
  'offline',
] as const satisfies readonly LineOutcome[];

export const isUnderWay = ({ status }: Pick<Run, 'status'>): boolean => status === 'queued' || status === 'running';

export const listRuns = async (
  filter: RunFilter,
  page: { limit: number; cursor?: string; only?: 'unequal' },
  signal?: AbortSignal,
): Promise<RunPage> => (await http.get<RunPage>('/runs', { params: { ...filter, ...page }, signal })).data;

export const getRun = async (id: number, signal?: AbortSignal): Promise<Run> =>
  (await http.get<Run>(`/runs/${id}`, { signal })).data;

export const listRunLines = async (
  id: number,
  page: { limit: number; cursor?: string },
  signal?: AbortSignal,
): Promise<RunLinePage> => (await http.get<RunLinePage>(`/runs/${id}/lines`, { params: page, signal })).data;

/** What happened, the first step first. */
export const getRunLog = async (id: number, signal?: AbortSignal): Promise<RunNote[]> =>
  (await http.get<RunNotes>(`/runs/${id}/log`, { signal })).data.data;

/** A pull whose levels come from this text; the id of its run. */
export const pullFile = async (connectionId: number, text: string): Promise<number> =>
  (await http.post<{ runId: number }>(`/connections/${connectionId}/pull-file`, { text }, { timeout: PATIENT_MS })).data
    .runId;

/** The id of the run that was started. */
export const startRun = async (connectionId: number, kind: 'pull' | 'check'): Promise<number> =>
  (await http.post<{ runId: number }>(`/connections/${connectionId}/${kind}`)).data.runId;

export const cancelRun = async (id: number): Promise<Run> => (await http.post<Run>(`/runs/${id}/cancel`)).data;

export const releaseRun = async (id: number): Promise<Run> => (await http.post<Run>(`/runs/${id}/release`)).data;

/** The id of the run that gives back. */
export const undoRun = async (id: number): Promise<number> =>
  (await http.post<{ runId: number }>(`/runs/${id}/undo`)).data.runId;

export const listFlows = async (connectionId: number, signal?: AbortSignal): Promise<Flow[]> =>
  (await http.get<{ data: Flow[] }>('/flows', { params: { connectionId }, signal })).data.data;

export const changeFlow = async (id: number, patch: FlowPatch): Promise<Flow> =>
  (await http.patch<Flow>(`/flows/${id}`, patch)).data;

export const runFlow = async (id: number): Promise<number> =>
  (await http.post<{ runId: number }>(`/flows/${id}/run`)).data.runId;
