import type { Clock } from '../domain/ports/clock';
import type { ShopStore } from '../domain/ports/shops';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import type { AppSettingStore, Tokens } from '../domain/ports/users';
import { notFound, Refusal } from '../domain/refusal';
import type { KeepShops } from './keep-shops';

const SETTING = 'shop_approval';
/** Long enough to log in to a shop whose password has to be looked for. */
const VALID_MS = 30 * 60_000;
const APP_NAME = 'Stock Relay';

export interface ApproveShopPorts {
  readonly unit: UnitOfWork;
  readonly settings: AppSettingStore;
  readonly shops: Pick<ShopStore, 'find'>;
  readonly keepShops: KeepShops;
  readonly tokens: Tokens;
  readonly clock: Clock;
  /** Where this service is reached from outside; a shop gives its keys to an https address alone. */
  readonly publicUrl: string | null;
}

/** The approval that was asked for last: one at a time is asked for, and an older one is void. */
interface Asked {
  readonly tokenHash: string;
  readonly name: string;
  readonly url: string;
  /** Whose keys are to be replaced; null = a shop that is new here. */
  readonly shopId: number | null;
  readonly expiresAt: number;
}

/**
 * WooCommerce's own way to give keys: the owner approves on a page of the shop, and the shop hands the keys over to us,
 * from server to server. Nobody copies a secret.
 */
export class ApproveShop {
  constructor(private readonly ports: ApproveShopPorts) {}

  get isPossible(): boolean {
    return this.ports.publicUrl?.startsWith('https://') ?? false;
  }

  /** The page of the shop on which the owner approves. */
  async ask(shop: {
    readonly name: string;
    readonly url: string;
    readonly shopId: number | null;
  }): Promise<{ readonly authorizeUrl: string; readonly expiresAt: number }> {
    const { settings, shops, keepShops, tokens, clock, publicUrl } = this.ports;
    if (!this.isPossible || publicUrl === null) {
      throw new Refusal('conflict', 'A shop gives its keys to an https address alone. Set PUBLIC_URL to ours.');
    }
    const known = shop.shopId === null ? null : await shops.find(shop.shopId);
    if (shop.shopId !== null && !known) throw notFound('shop');
    if (!known) await keepShops.assertNew(shop.url);
    const token = tokens.random();
    const expiresAt = clock.now() + VALID_MS;
    const url = known?.url ?? shop.url;
    const asked: Asked = { ...shop, url, tokenHash: tokens.digest(token), expiresAt };
    await settings.write(SETTING, JSON.stringify(asked));
    // Understood whatever the shop's permalinks are, unlike the path /wc-auth/v1/authorize.
    const query = new URLSearchParams({
      'wc-auth-version': '1',
      'wc-auth-route': 'authorize',
      app_name: APP_NAME,
      scope: 'read_write',
      user_id: tokens.digest(token).slice(0, 16),
      return_url: `${publicUrl}/wizard?step=shop${shop.shopId === null ? '' : `&shop=${shop.shopId}`}`,
      callback_url: `${publicUrl}/hooks/woocommerce-approval/${token}`,
    });
    return { authorizeUrl: `${url}/?${query}`, expiresAt };
  }

  /** What the shop hands over. Each approval counts once. */
  async receive(
    token: string,
    keys: { readonly consumerKey: string; readonly consumerSecret: string },
  ): Promise<number> {
    const { unit, settings, keepShops } = this.ports;
    return unit.run(async () => {
      const asked = await this.pending(token);
      if (!asked) throw new Refusal('not_found', 'There is nothing at this address.');
      await settings.remove(SETTING);
      if (asked.shopId !== null) return (await keepShops.change(asked.shopId, keys)).id;
      const { name, url } = asked;
      const limits = { callsPerMinute: null, quietHours: null };
      return (await keepShops.create({ name, url, ...keys, verifyTls: true, allowQueryKeys: false, limits })).id;
    });
  }

  private async pending(token: string): Promise<Asked | null> {
    const { settings, tokens, clock } = this.ports;
    const text = await settings.read(SETTING);
    const asked = text === null ? null : (JSON.parse(text) as Asked);
    return asked !== null && asked.tokenHash === tokens.digest(token) && asked.expiresAt > clock.now() ? asked : null;
  }
}
