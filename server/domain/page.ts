/** A slice of a list in a fixed order, and where the next slice begins. */
export interface Page<Row> {
  readonly data: readonly Row[];
  readonly nextCursor: string | null;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor: string | null;
}

/** Cuts `limit` rows off rows that were fetched with one extra, which only tells that there are more. */
export const pageOf = <Row>(rows: readonly Row[], limit: number, cursorOf: (row: Row) => string): Page<Row> => {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  return { data, nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null };
};
