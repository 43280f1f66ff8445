import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { type ApiAnswer, pick, pickText } from './api-client';

/** Checks answers against the document the service itself serves. */
export class ServedContract {
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });
  private readonly seen = new Set<string>();

  constructor(private readonly document: unknown) {
    addFormats(this.ajv);
    this.ajv.addSchema({ $id: 'openapi', ...Object(document) });
  }

  static async of(serviceUrl: string): Promise<ServedContract> {
    return new ServedContract(await (await fetch(`${serviceUrl}/api/v1/openapi.json`)).json());
  }

  /** All of them, or those of some tags. */
  operations(tags?: readonly string[]): string[] {
    return Object.entries(Object(pick(this.document, 'paths'))).flatMap(([path, methods]) =>
      Object.entries(Object(methods))
        .filter(([, operation]) => tags === undefined || tags.includes(pickText(operation, 'tags', 0)))
        .map(([method]) => `${method} ${path}`),
    );
  }

  check(method: string, path: string, answer: ApiAnswer): void {
    this.seen.add(`${method} ${path}`);
    const responses = pick(this.document, 'paths', path, method, 'responses');
    const status = String(answer.status) in Object(responses) ? String(answer.status) : 'default';
    const content = Object(pick(responses, status))['content'];
    if (content === undefined) {
      expect(answer.body).toBeNull();
      return;
    }
    const type = Object.keys(Object(content))[0] ?? '';
    expect(answer.headers.get('content-type')).toContain(type);
    const validate = this.validator(['paths', path, method, 'responses', status, 'content', type, 'schema']);
    validate(answer.body);
    expect({ method, path, errors: validate.errors }).toEqual({ method, path, errors: null });
  }

  unchecked(): string[] {
    return this.operations().filter((operation) => !this.seen.has(operation));
  }

  private validator(path: readonly string[]): ValidateFunction {
    const pointer = path.map((part) => part.replace(/~/g, '~0').replace(/\//g, '~1')).join('/');
    return this.ajv.compile({ $ref: `openapi#/${encodeURI(pointer)}` });
  }
}
