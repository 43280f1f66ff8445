import type { Page, PageRequest } from '../domain/page';

const A_PAGE = 200;

/** All rows of a list that comes in pages. */
export async function everyOne<Row>(list: (request: PageRequest) => Promise<Page<Row>>): Promise<readonly Row[]> {
  const all: Row[] = [];
  for (let cursor: string | null = '0'; cursor !== null;) {
    const page: Page<Row> = await list({ limit: A_PAGE, cursor });
    all.push(...page.data);
    cursor = page.nextCursor;
  }
  return all;
}
