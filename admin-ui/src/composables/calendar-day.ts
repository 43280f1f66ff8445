const DAY = /^\d{4}-\d\d-\d\d$/;

/** When a day, such as 2026-03-01, begins for the person who looks, or the one so many days later; undefined where it is none. */
export function beginOfDay(day: string, later = 0): string | undefined {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  const begin = new Date(year, month - 1, date + later);
  return DAY.test(day) && !Number.isNaN(begin.getTime()) ? begin.toISOString() : undefined;
}
