import type { Request } from 'express';
import type { AuditEntry, AuditStore } from '../domain/ports/audit';
import type { Clock } from '../domain/ports/clock';
import { Refusal } from '../domain/refusal';
import type { Caller, Route } from './route';

/** What the definition of a route says of its entries. */
export interface AuditSpec {
  /** Instead of the name its address gives. */
  readonly action?: string;
  /** A call that was refused is told of as well. */
  readonly refusals?: boolean;
}

/** What a call adds to its entry while it is carried out. */
export interface AuditNote {
  readonly action?: string;
  /** Who it was, where no session or token says so. */
  readonly actor?: { readonly userId: number | null; readonly name: string };
  readonly object?: { readonly id: number; readonly name: string };
  readonly fields?: readonly string[];
  /** It only looked whether something has happened, and nothing had. */
  readonly idle?: boolean;
}

export interface AuditTrailOptions {
  readonly store: AuditStore;
  readonly clock: Clock;
  /** What the thing behind an address is called, asked before the call may remove it. */
  readonly nameOf: (kind: string, id: number) => Promise<string | null>;
  /** The call was carried out; that it cannot be written down is for whoever runs the service. */
  readonly onLost: (error: unknown, action: string) => void;
}

type Spec = Pick<Route['spec'], 'method' | 'path' | 'audit'>;

const MOST_FIELDS = 40;
const LONGEST_NAME = 254;

/** Every changing call leaves an entry here, and nowhere else. */
export class AuditTrail {
  constructor(private readonly options: AuditTrailOptions) {}

  async follow<Answer>(
    req: Request,
    spec: Spec,
    caller: Caller | null,
    run: (note: (more: AuditNote) => void) => Promise<Answer>,
  ): Promise<Answer> {
    let noted: AuditNote = {};
    const note = (more: AuditNote): void => {
      noted = { ...noted, ...more };
    };
    if (spec.method === 'get' || spec.audit === false) return run(note);
    const id = Number(req.params['id'] ?? 0);
    const kind = segmentsOf(spec.path)[0] ?? '';
    const name = id > 0 ? await this.options.nameOf(kind, id) : null;
    const write = (answer: unknown, refusal: Refusal | null): Promise<void> =>
      this.write(req, spec, caller, noted, id > 0 ? { kind, id, name } : objectIn(kind, answer), refusal);
    try {
      const answer = await run(note);
      if (noted.idle !== true) await write(answer, null);
      return answer;
    } catch (error) {
      if (spec.audit?.refusals === true && error instanceof Refusal) await write(null, error);
      throw error;
    }
  }

  private async write(
    req: Request,
    spec: Spec,
    caller: Caller | null,
    noted: AuditNote,
    object: AuditEntry['object'],
    refusal: Refusal | null,
  ): Promise<void> {
    const { store, clock, onLost } = this.options;
    const action = noted.action ?? (spec.audit || {}).action ?? actionOf(spec);
    const named = noted.object ? { kind: object?.kind ?? segmentsOf(spec.path)[0] ?? '', ...noted.object } : object;
    try {
      await store.add({
        at: clock.now(),
        actor: actorOf(caller, noted),
        address: req.ip?.slice(0, 45) ?? null,
        action,
        outcome: refusal === null ? 'done' : 'refused',
        reason: refusal?.code ?? null,
        object: named && { ...named, name: named.name?.slice(0, LONGEST_NAME) ?? null },
        fields: noted.fields ?? [],
      });
    } catch (error) {
      onLost(error, action);
    }
  }
}

const actorOf = (caller: Caller | null, noted: AuditNote): AuditEntry['actor'] => {
  if (caller === null || noted.actor) {
    const { userId = null, name = '' } = noted.actor ?? {};
    return { kind: userId === null ? 'nobody' : 'person', userId, name: name.slice(0, LONGEST_NAME), tokenName: null };
  }
  const kind = caller.by === 'session' ? 'person' : caller.by;
  return { kind, userId: caller.userId, name: caller.name, tokenName: caller.tokenName };
};

const segmentsOf = (path: string): readonly string[] =>
  path.split('/').filter((part) => part !== '' && !part.startsWith('{'));

const VERBS: Readonly<Record<string, string>> = { post: 'add', patch: 'change', delete: 'remove' };

/** `PATCH /shops/{id}` is shops.change, `POST /shops/{id}/test` is shops.test: as stable as the addresses are. */
export function actionOf({ method, path }: Pick<Spec, 'method' | 'path'>): string {
  const segments = segmentsOf(path);
  const isDeed = segments.length > 1 && method !== 'delete';
  return [...segments, ...(isDeed ? [] : [VERBS[method] ?? method])].join('.');
}

/** What was made, as the answer names it. */
function objectIn(kind: string, answer: unknown): AuditEntry['object'] {
  if (typeof answer !== 'object' || answer === null || !('id' in answer) || typeof answer.id !== 'number') return null;
  const name = 'name' in answer ? answer.name : 'email' in answer ? answer.email : null;
  return { kind, id: answer.id, name: typeof name === 'string' ? name : null };
}

/** The names of what a body holds, those within its objects too; never a value. */
export function fieldNames(body: unknown): readonly string[] {
  if (typeof body !== 'object' || body === null) return [];
  return Object.entries(body)
    .flatMap(([name, value]: [string, unknown]) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.keys(value).map((inner) => `${name}.${inner}`)
        : value === undefined
          ? []
          : [name],
    )
    .slice(0, MOST_FIELDS)
    .map((name) => name.slice(0, 60));
}
