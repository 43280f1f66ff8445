import type { Clock } from '../domain/ports/clock';
import type { Shop, ShopDraft, ShopStore } from '../domain/ports/shops';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import { notFound, Refusal } from '../domain/refusal';

export interface KeepShopsPorts {
  readonly unit: UnitOfWork;
  readonly shops: Pick<ShopStore, 'addresses' | 'create' | 'change'>;
  readonly clock: Clock;
}

/** Adds and changes shops. One WooCommerce is one shop here: two would write over each other’s numbers. */
export class KeepShops {
  constructor(private readonly ports: KeepShopsPorts) {}

  create(draft: ShopDraft): Promise<Shop> {
    const { unit, shops, clock } = this.ports;
    return unit.run(async () => {
      await this.assertNew(draft.url);
      return shops.create(draft, clock.now());
    });
  }

  change(id: number, patch: Partial<ShopDraft>): Promise<Shop> {
    const { unit, shops, clock } = this.ports;
    return unit.run(async () => {
      if (patch.url !== undefined) await this.assertNew(patch.url, id);
      const changed = await shops.change(id, patch, clock.now());
      if (!changed) throw notFound('shop');
      return changed;
    });
  }

  /** Throws Refusal where another shop than `own` has this address; one that stays where it is may stay. */
  async assertNew(url: string, own: number | null = null): Promise<void> {
    const place = placeOf(url);
    const there = (await this.ports.shops.addresses()).filter((each) => placeOf(each.url) === place);
    const [other] = there;
    if (!other || there.some(({ id }) => id === own)) return;
    throw new Refusal('conflict', `This address is the shop “${other.name}” (${other.id}) already.`, {
      errors: [{ path: 'url', message: `is the address of shop ${other.id}` }],
      members: { shopId: other.id },
    });
  }
}

/** What tells one shop from another: the scheme does not, since http and https lead to the same one. */
function placeOf(address: string): string {
  const { host, pathname } = new URL(address);
  return host + pathname.replace(/\/+$/, '');
}
