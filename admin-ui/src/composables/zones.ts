export const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The browser's own zone first, then UTC, then all the others. */
export const zonesWith = (...more: readonly string[]): string[] => [
  ...new Set([HERE, 'UTC', ...more, ...Intl.supportedValuesOf('timeZone')]),
];
