import type { LineRefusal } from '../../domain/stock-change';

/** What a sender is told of a refused line. */
export const LINE_REFUSALS: Readonly<Record<LineRefusal, string>> = {
  line_not_an_object: 'The line is not an object with fields.',
  identity_missing: 'The line has neither code nor barcode nor name.',
  code_invalid: 'The code must be text.',
  code_too_long: 'The code has more than 100 characters.',
  barcode_invalid: 'The barcode must be text.',
  barcode_too_long: 'The barcode has more than 100 characters.',
  name_invalid: 'The name must be text.',
  name_too_long: 'The name has more than 500 characters.',
  warehouse_invalid: 'The warehouse must be text.',
  warehouse_too_long: 'The warehouse has more than 200 characters.',
  id_invalid: 'The id must be text or a number.',
  id_too_long: 'The id has more than 100 characters.',
  observed_at_invalid: 'observedAt is not a time in ISO 8601.',
  level_unknown: 'The line tells a change of a level that is not known yet; send or pull the level itself first.',
  left_out: 'By the mapping of this source, the line is left out.',
  control_character: 'The text holds a control character.',
  quantity_missing: 'The quantity is missing. A missing quantity is not 0, so nothing was changed.',
  quantity_not_a_number: 'The quantity is not a number.',
  quantity_out_of_range: 'The quantity has more than 12 digits before or 6 after the decimal sign.',
};
