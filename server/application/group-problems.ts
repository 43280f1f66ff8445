import { failureKind, isFailureCode } from '../domain/failure';
import type { Circuit } from '../domain/circuit';
import type { Clock } from '../domain/ports/clock';
import type { Notification, NotificationStore } from '../domain/ports/notifications';
import type { ItemTrouble, NotedTrouble, ProblemStore } from '../domain/ports/problems';
import type { ShopStore } from '../domain/ports/shops';
import { isTriedAgain, type Problem } from '../domain/problem';
import { noticePath, type NotificationKind } from '../domain/notice';
import { notFound, Refusal } from '../domain/refusal';
import type { ActOnSyncItems } from './act-on-sync-items';
import type { TestShop } from './test-shop';

export interface GroupProblemsPorts {
  readonly problems: ProblemStore;
  readonly shops: Pick<ShopStore, 'list'>;
  readonly notifications: Pick<NotificationStore, 'list'>;
  readonly actOnItems: Pick<ActOnSyncItems, 'act'>;
  readonly testShop: Pick<TestShop, 'resume'>;
  readonly clock: Clock;
}

const DAY_MS = 86_400_000;
const PAGE = 200;
/** A shop that is out of reach comes back by itself, as a rule. */
const COMES_BACK_MS = 15 * 60_000;

/** What these speak of is among the products already. */
const TOLD_AS_ITEMS: readonly NotificationKind[] = ['mass_zero', 'products_unmatched', 'products_failed'];

type Trouble = Pick<ItemTrouble, 'connectionId' | 'shopId' | 'failure' | 'cause' | 'count' | 'since'>;

const keyOf = ({ connectionId, failure, cause }: Pick<Trouble, 'connectionId' | 'failure' | 'cause'>): string =>
  ['items', connectionId, failure.code, ...(cause === null ? [] : [cause])].join('.');

const ofItems = (trouble: Trouble, more: Pick<Problem, 'asks' | 'waiting' | 'healedAt' | 'examples'>): Problem => ({
  key: keyOf(trouble),
  about: 'items',
  connectionId: trouble.connectionId,
  shopId: trouble.shopId,
  sourceId: null,
  failure: trouble.failure,
  cause: trouble.cause,
  path: null,
  count: trouble.count,
  since: trouble.since,
  ...more,
});

const healed = (noted: NotedTrouble, healedAt: number): Problem =>
  ofItems(noted, { asks: false, waiting: 0, healedAt, examples: [] });

const ofAlarm = (notice: Notification): Problem => {
  const { id, kind, shopId, sourceId, connectionId, failure, raisedAt, healedAt } = notice;
  return {
    key: `alarm.${id}`,
    about: kind === 'circuit_open' ? 'shop' : kind,
    connectionId,
    shopId,
    sourceId,
    failure,
    cause: null,
    path: noticePath(notice),
    asks: healedAt === null,
    count: 0,
    waiting: 0,
    since: raisedAt,
    healedAt,
    examples: [],
  };
};

/** What is wrong, told once for each cause however many products it has. */
export class GroupProblems {
  constructor(private readonly ports: GroupProblemsPorts) {}

  /** What lasts first, what asks for a person before what is being tried again; then what healed within a day. */
  async list(): Promise<readonly Problem[]> {
    const { problems, clock } = this.ports;
    const dayAgo = clock.now() - DAY_MS;
    const lasting = new Map((await problems.lasting()).map((noted) => [keyOf(noted), noted]));
    const ofProducts = (await problems.troubles()).map((trouble) => {
      const noted = lasting.get(keyOf(trouble));
      lasting.delete(keyOf(trouble));
      const { unmatched, failed, waiting, examples } = trouble;
      return ofItems(
        { ...trouble, since: Math.min(trouble.since, noted?.since ?? trouble.since) },
        { asks: unmatched + failed > 0, waiting, healedAt: null, examples },
      );
    });
    const over = [
      // Gone since it was last noted.
      ...[...lasting.values()].map((noted) => healed(noted, noted.seenAt)),
      ...(await problems.healedSince(dayAgo)).map((noted) => healed(noted, noted.healedAt ?? noted.seenAt)),
    ];
    const alarms = await this.alarmsSince(dayAgo);
    const open = [...(await this.haltedShops()), ...alarms.filter((each) => each.healedAt === null), ...ofProducts];
    const closed = [...over, ...alarms.filter((each) => each.healedAt !== null)];
    return [
      ...open.sort((a, b) => Number(b.asks) - Number(a.asks) || b.count - a.count || a.key.localeCompare(b.key)),
      ...closed.sort((a, b) => (b.healedAt ?? 0) - (a.healedAt ?? 0)),
    ];
  }

  /** Tries everything of this cause once more; answers how many that are. */
  async retry(key: string, by: string): Promise<number> {
    const [about, id, code, cause = null] = key.split('.');
    if (about === 'shop') {
      const shop = (await this.haltedShops()).find((each) => each.key === key);
      if (!shop || shop.shopId === null) throw notFound('problem');
      await this.ports.testShop.resume(shop.shopId);
      return shop.count;
    }
    if (about === 'alarm')
      throw new Refusal('conflict', 'There is nothing to try again: an alarm ends with its cause.');
    const connectionId = Number(id);
    if (about !== 'items' || !Number.isSafeInteger(connectionId) || code === undefined || !isFailureCode(code)) {
      throw notFound('problem');
    }
    if (!isTriedAgain(code)) {
      throw new Refusal('conflict', 'There is nothing to try again: a person says which number is right.');
    }
    const filter = { connectionId, status: null, text: null, failure: { code, cause } };
    const { affected } = await this.ports.actOnItems.act('retry', { filter }, by);
    if (affected === 0) throw notFound('problem');
    return affected;
  }

  private async haltedShops(): Promise<readonly Problem[]> {
    const { problems, shops } = this.ports;
    const halted: Problem[] = [];
    for (let cursor: string | null = '0'; cursor !== null;) {
      const page = await shops.list({ limit: PAGE, cursor });
      const open = page.data.filter(({ circuit }) => circuit.state !== 'closed');
      const waiting = await problems.waitingFor(open.map(({ id }) => id));
      for (const { id, circuit } of open) {
        halted.push({
          key: `shop.${id}`,
          about: 'shop',
          connectionId: null,
          shopId: id,
          sourceId: null,
          failure: circuit.failure,
          cause: null,
          path: null,
          asks: this.asksForPerson(circuit),
          count: waiting.get(id) ?? 0,
          waiting: 0,
          since: circuit.openedAt ?? 0,
          healedAt: null,
          examples: [],
        });
      }
      cursor = page.nextCursor;
    }
    return halted;
  }

  private asksForPerson({ failure, openedAt }: Circuit): boolean {
    const lastedMs = this.ports.clock.now() - (openedAt ?? 0);
    return lastedMs >= COMES_BACK_MS || failureKind(failure?.code ?? '').severity === 'error';
  }

  /** Lasting ones and those that ended since then. A halted shop is told with what waits for it, held items as items. */
  private async alarmsSince(since: number): Promise<readonly Problem[]> {
    const { data } = await this.ports.notifications.list({ limit: PAGE, cursor: null });
    return data
      .filter(({ kind, healedAt }) => (healedAt === null ? kind !== 'circuit_open' : healedAt >= since))
      .filter(({ kind }) => !TOLD_AS_ITEMS.includes(kind))
      .map(ofAlarm);
  }
}
