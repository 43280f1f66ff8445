import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Role } from '../domain/role';
import { type AuditNote, type AuditSpec, fieldNames } from './audit-trail';

/** Who is calling: a person with a session, or a program with a bearer token. */
export interface Caller {
  readonly name: string;
  readonly role: Role;
  /** Of a token: who made it. Null for ADMIN_TOKEN. */
  readonly userId: number | null;
  readonly by: 'session' | 'token' | 'admin_token';
  readonly sessionId: number | null;
  readonly tokenName: string | null;
  /** May do nothing but set up a second factor. */
  readonly mustEnrol: boolean;
}

type Shape = z.ZodType | undefined;
type Read<S extends Shape> = S extends z.ZodType ? z.output<S> : undefined;

export interface Call<Params extends Shape, Query extends Shape, Body extends Shape> {
  readonly params: Read<Params>;
  readonly query: Read<Query>;
  readonly body: Read<Body>;
  readonly caller: Caller | null;
  /** Adds what the audit log cannot see of the call by itself. */
  readonly note: (more: AuditNote) => void;
  readonly req: Request;
  readonly res: Response;
}

export interface RouteSpec<
  Params extends Shape = Shape,
  Query extends Shape = Shape,
  Body extends Shape = Shape,
  Answer extends z.ZodType = z.ZodType,
> {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** Under /api/v1, with parameters as {name}. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  /** The least role that may call; `anyone` needs no log-in. */
  readonly access: Role | 'anyone';
  /** API tokens may not call this. */
  readonly barsTokens?: boolean;
  /** May be called while a second factor still has to be set up. */
  readonly duringEnrolment?: boolean;
  /** How the audit log tells of a changing call; false where nothing changes. */
  readonly audit?: AuditSpec | false;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly status: 200 | 201 | 202 | 204;
  readonly answer: Answer;
  /** Set where the handler sends the answer by itself, as what. */
  readonly sends?: 'text/csv' | 'application/zip';
  readonly handle: (call: Call<Params, Query, Body>) => Promise<z.input<Answer>>;
}

/** A route as the application mounts it and the OpenAPI document describes it: one definition for both. */
export interface Route {
  readonly spec: Pick<
    RouteSpec,
    | 'method'
    | 'path'
    | 'tag'
    | 'summary'
    | 'access'
    | 'barsTokens'
    | 'duringEnrolment'
    | 'audit'
    | 'params'
    | 'query'
    | 'body'
    | 'status'
    | 'answer'
    | 'sends'
  >;
  /** Reads the call by the route's shapes (throws ZodError with field paths) and carries it out. */
  readonly run: (
    req: Request,
    res: Response,
    caller: Caller | null,
    note: Call<Shape, Shape, Shape>['note'],
  ) => Promise<unknown>;
}

const NOTHING = z.strictObject({});

/** What is not asked for is refused, as a misspelt field is: left unread, it would change nothing and say nothing. */
function read<S extends Shape>(shape: S, value: unknown): Read<S> {
  const found = (shape ?? NOTHING).parse(value);
  // The conditional type follows `shape`; TypeScript cannot see that through the test.
  return (shape === undefined ? undefined : found) as Read<S>;
}

export const route = <
  Params extends Shape = undefined,
  Query extends Shape = undefined,
  Body extends Shape = undefined,
  Answer extends z.ZodType = z.ZodType,
>(
  spec: RouteSpec<Params, Query, Body, Answer>,
): Route => ({
  spec,
  run: (req, res, caller, note) => {
    const body = read(spec.body as Body, req.body ?? {});
    note({ fields: fieldNames(body) });
    return spec.handle({
      params: read(spec.params as Params, req.params),
      query: read(spec.query as Query, req.query),
      body,
      caller,
      note,
      req,
      res,
    });
  },
});
