import { computed } from 'vue';
import type { Source } from '../api/sources';
import { useEstate } from './useEstate';

export const SETUP_STEPS = ['shop', 'source', 'address', 'warehouses', 'first', 'live'] as const;
export type SetupStep = (typeof SETUP_STEPS)[number];

/** What the wizard's address names; without it, the set-up that is furthest from done is meant. */
export interface SetupChoice {
  readonly shop?: number | 'new';
  readonly source?: number | 'new';
}

export const hasSpoken = (source: Source): boolean => source.lastTestAt !== null || source.lastPushAt !== null;

/** How far the set-up is. Everything is read from the server, so it can be left and taken up again anywhere. */
export function useSetup(choice: () => SetupChoice) {
  const estate = useEstate({ everyMs: 5_000 });
  const newest = <Row extends { id: number }>(rows: readonly Row[]): Row | undefined =>
    rows.reduce<Row | undefined>((best, row) => (best === undefined || row.id > best.id ? row : best), undefined);

  const shop = computed(() => {
    const wanted = choice().shop;
    if (wanted === 'new') return undefined;
    if (wanted !== undefined) return estate.shops.value.find(({ id }) => id === wanted);
    const unused = estate.shops.value.filter(({ id }) => estate.connections.value.every((c) => c.shopId !== id));
    return newest(unused) ?? newest(estate.shops.value);
  });

  const source = computed(() => {
    const wanted = choice().source;
    if (wanted === 'new') return undefined;
    if (wanted !== undefined) return estate.sources.value.find(({ id }) => id === wanted);
    const feeding = estate.connections.value.filter((c) => c.shopId === shop.value?.id).map((c) => c.sourceId);
    const candidates = feeding.length > 0 ? estate.sources.value.filter(({ id }) => feeding.includes(id)) : [];
    const unused = estate.sources.value.filter(({ id }) => estate.connections.value.every((c) => c.sourceId !== id));
    return newest(candidates) ?? newest(unused) ?? newest(estate.sources.value);
  });

  const connection = computed(() =>
    estate.connections.value.find((c) => c.shopId === shop.value?.id && c.sourceId === source.value?.id),
  );

  const done = computed<Readonly<Record<SetupStep, boolean>>>(() => ({
    shop: shop.value?.lastTest?.ok === true,
    source: source.value !== undefined,
    address: source.value !== undefined && hasSpoken(source.value),
    warehouses: connection.value !== undefined,
    first: connection.value !== undefined && source.value?.lastPushAt != null,
    live: connection.value?.mode === 'live',
  }));

  /** A step can be opened once what it builds on is there; waiting for the first call holds nobody up. */
  const open = computed<Readonly<Record<SetupStep, boolean>>>(() => ({
    shop: true,
    source: shop.value !== undefined,
    address: source.value !== undefined,
    warehouses: shop.value !== undefined && source.value !== undefined,
    first: connection.value !== undefined,
    live: connection.value !== undefined,
  }));

  const next = computed<SetupStep>(() => SETUP_STEPS.find((step) => !done.value[step]) ?? 'live');
  const complete = computed(() => SETUP_STEPS.every((step) => done.value[step]));

  return { ...estate, shop, source, connection, done, open, next, complete };
}
