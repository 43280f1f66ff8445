export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** Why a request was refused: a closed list, each turned into one status in one place (http/error-response.ts). */
export type RefusalCode =
  | 'invalid_input'
  | 'body_unreadable'
  | 'body_too_large'
  | 'body_not_json'
  | 'not_authenticated'
  | 'wrong_credentials'
  | 'wrong_code'
  | 'challenge_over'
  | 'second_factor_required'
  | 'csrf_missing'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_many_requests'
  | 'push_unreadable'
  | 'push_token_missing'
  | 'push_token_wrong'
  | 'push_signature_wrong'
  | 'push_media_unsupported'
  | 'push_too_large'
  | 'push_no_line_usable'
  | 'push_source_off'
  | 'stock_relay_unsigned'
  | 'stock_relay_unpaired'
  | 'stock_relay_late'
  | 'stock_relay_bad_signature'
  | 'stock_relay_replayed'
  | 'stock_relay_oversized'
  | 'stock_relay_bad_request'
  | 'storage_unavailable'
  | 'method_not_allowed';

/** A request we understood and will not carry out. `detail` is for people; `facts` go into the problem document. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly code: RefusalCode,
    readonly detail: string,
    readonly facts: {
      readonly errors?: readonly FieldError[];
      readonly retryAfterSeconds?: number;
      /** Further members of the problem document, such as the outcome of each line. */
      readonly members?: Readonly<Record<string, unknown>>;
      /** Where a source's protocol asks for another status than ours (SmartBill: 403 for a wrong token). */
      readonly status?: number;
    } = {},
  ) {
    super(detail);
  }
}

export const notFound = (what: string): Refusal => new Refusal('not_found', `There is no such ${what}.`);
