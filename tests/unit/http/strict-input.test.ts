import { z } from 'zod';
import { adminRoutes } from '../../../server/http/routes/admin';

/** Every object in a shape, under the path of what it is asked for. */
function objectsIn(schema: unknown, path: string): [string, object][] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own: [string, object][] = 'properties' in schema ? [[path, schema]] : [];
  return [...own, ...Object.entries(schema).flatMap(([key, value]) => objectsIn(value, `${path}.${key}`))];
}

it('refuses a field that nobody asked for in every body and query, at whatever depth', () => {
  const anything: unknown = new Proxy(Object, { get: () => anything });
  const routes = adminRoutes(anything as Parameters<typeof adminRoutes>[0]);
  const shapes = routes.flatMap(({ spec }) =>
    [spec.body, spec.query].flatMap((shape) =>
      shape instanceof z.ZodType ? [[`${spec.method} ${spec.path}`, shape] as const] : [],
    ),
  );
  expect(shapes.length).toBeGreaterThan(60);
  const lenient = shapes.flatMap(([name, shape]) =>
    objectsIn(z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' }), name).flatMap(([path, object]) =>
      'additionalProperties' in object && object.additionalProperties === false ? [] : [path],
    ),
  );
  expect(lenient).toEqual([]);
});
