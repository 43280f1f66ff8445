import { extendZodWithOpenApi } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';

extendZodWithOpenApi(z);

export { z };

export const id = z.number().int().positive();
export const idParams = z.object({ id: z.coerce.number().int().positive() });

/** Times leave the API as ISO 8601 in UTC. */
export const instant = z.iso.datetime().openapi({ example: '2026-03-01T08:15:30.000Z' });

/** Quantities leave the API as exact decimal text, never as floats. */
export const quantityText = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .openapi({ example: '7' });

export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
};

export const page = <Row extends z.ZodType>(row: Row) =>
  z.object({ data: z.array(row), nextCursor: z.string().nullable() });

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string(),
    detail: z.string().optional(),
    requestId: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem');

export type Problem = z.infer<typeof problem>;

/** A failure as people see it. `code` and `params` let a panel say it in its own language. */
export const failureView = z
  .object({
    code: z.string(),
    severity: z.enum(['info', 'retry', 'error']),
    params: z.record(z.string(), z.union([z.string(), z.number()])),
    cause: z.string(),
    proof: z.string().nullable(),
    cure: z.string(),
  })
  .openapi('Failure');

export type FailureView = z.infer<typeof failureView>;
