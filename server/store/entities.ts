import 'reflect-metadata';
import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

// Every column names its type: the tests' compiler emits no type metadata, and both engines must agree. Times are
// declared integer although MySQL keeps them as bigint, else its driver would hand them over as text.

@Entity('app_settings')
export class AppSettingRow {
  @PrimaryColumn({ type: 'varchar' }) name!: string;
  @Column({ type: 'text' }) value!: string;
}

@Entity('users')
export class UserRow {
  @PrimaryGeneratedColumn({ type: 'integer' }) id!: number;
  @Column({ type: 'varchar' }) email!: string;
  @Column({ type: 'varchar', name: 'email_hash' }) emailHash!: string;
  @Column({ type: 'varchar', name: 'password_hash' }) passwordHash!: string;
  @Column({ type: 'varchar' }) role!: string;
  @Column({ type: 'varchar' }) language!: string;
  @Column({ type: 'integer', name: 'created_at' }) createdAt!: number;
  @Column({ type: 'integer', name: 'last_seen_at', nullable: true }) lastSeenAt!: number | null;
}

@Entity('sessions')
export class SessionRow {
  @PrimaryGeneratedColumn({ type: 'integer' }) id!: number;
  @Column({ type: 'varchar', name: 'token_hash' }) tokenHash!: string;
  @Column({ type: 'integer', name: 'user_id' }) userId!: number;
  @Column({ type: 'varchar', name: 'user_agent', nullable: true }) userAgent!: string | null;
  @Column({ type: 'integer', name: 'created_at' }) createdAt!: number;
  @Column({ type: 'integer', name: 'last_seen_at' }) lastSeenAt!: number;
  @Column({ type: 'integer', name: 'expires_at' }) expiresAt!: number;
}

@Entity('shops')
export class ShopRow {
  @PrimaryGeneratedColumn({ type: 'integer' }) id!: number;
  @Column({ type: 'varchar' }) name!: string;
  @Column({ type: 'varchar' }) url!: string;
  @Column({ type: 'text', name: 'consumer_key' }) consumerKey!: string;
  @Column({ type: 'text', name: 'consumer_secret' }) consumerSecret!: string;
  @Column({ type: 'varchar', name: 'consumer_key_hint' }) consumerKeyHint!: string;
  @Column({ type: 'boolean', name: 'verify_tls' }) verifyTls!: boolean;
  @Column({ type: 'boolean', name: 'allow_query_keys' }) allowQueryKeys!: boolean;
  @Column({ type: 'varchar', nullable: true }) authentication!: string | null;
  @Column({ type: 'varchar', name: 'route_style', nullable: true }) routeStyle!: string | null;
  @Column({ type: 'varchar', nullable: true }) version!: string | null;
  @Column({ type: 'text', name: 'last_test', nullable: true }) lastTest!: string | null;
  @Column({ type: 'integer', name: 'calls_per_minute', nullable: true }) callsPerMinute!: number | null;
  @Column({ type: 'integer', name: 'quiet_from_minute', nullable: true }) quietFromMinute!: number | null;
  @Column({ type: 'integer', name: 'quiet_to_minute', nullable: true }) quietToMinute!: number | null;
  @Column({ type: 'varchar', name: 'quiet_time_zone', nullable: true }) quietTimeZone!: string | null;
  @Column({ type: 'integer', name: 'created_at' }) createdAt!: number;
  @Column({ type: 'integer', name: 'updated_at' }) updatedAt!: number;
}

@Entity('lanes')
export class LaneRow {
  @PrimaryColumn({ type: 'integer', name: 'shop_id' }) shopId!: number;
  @Column({ type: 'varchar', nullable: true }) owner!: string | null;
  @Column({ type: 'integer' }) epoch!: number;
  @Column({ type: 'integer', name: 'lease_until' }) leaseUntil!: number;
  @Column({ type: 'varchar', name: 'circuit_state' }) circuitState!: string;
  @Column({ type: 'text', name: 'circuit_failure', nullable: true }) circuitFailure!: string | null;
  @Column({ type: 'integer', name: 'circuit_opened_at', nullable: true }) circuitOpenedAt!: number | null;
  @Column({ type: 'integer', name: 'circuit_probe_at', nullable: true }) circuitProbeAt!: number | null;
  @Column({ type: 'integer', name: 'circuit_failures' }) circuitFailures!: number;
  @Column({ type: 'varchar', nullable: true }) pace!: string | null;
  @Column({ type: 'integer', name: 'circuit_set_at', nullable: true }) circuitSetAt!: number | null;
}

@Entity('sources')
export class SourceRow {
  @PrimaryGeneratedColumn({ type: 'integer' }) id!: number;
  @Column({ type: 'varchar', name: 'source_key' }) sourceKey!: string;
  @Column({ type: 'varchar' }) name!: string;
  @Column({ type: 'varchar' }) kind!: string;
  @Column({ type: 'boolean' }) enabled!: boolean;
  @Column({ type: 'text' }) settings!: string;
  @Column({ type: 'integer', name: 'last_test_at', nullable: true }) lastTestAt!: number | null;
  @Column({ type: 'integer', name: 'last_push_at', nullable: true }) lastPushAt!: number | null;
  @Column({ type: 'integer', name: 'last_refused_at', nullable: true }) lastRefusedAt!: number | null;
  @Column({ type: 'varchar', name: 'last_refusal', nullable: true }) lastRefusal!: string | null;
  @Column({ type: 'integer', name: 'created_at' }) createdAt!: number;
  @Column({ type: 'integer', name: 'updated_at' }) updatedAt!: number;
}

@Entity('source_tokens')
export class SourceTokenRow {
  @PrimaryGeneratedColumn({ type: 'integer' }) id!: number;
  @Column({ type: 'integer', name: 'source_id' }) sourceId!: number;
  @Column({ type: 'varchar' }) issuer!: string;
  @Column({ type: 'varchar', name: 'token_hash' }) tokenHash!: string;
  @Column({ type: 'integer', name: 'created_at' }) createdAt!: number;
  @Column({ type: 'integer', name: 'expires_at', nullable: true }) expiresAt!: number | null;
  @Column({ type: 'integer', name: 'last_used_at', nullable: true }) lastUsedAt!: number | null;
}

@Entity('warehouses')
export class WarehouseRow {
  @PrimaryGeneratedColumn({ type: 'integer' }) id!: number;
  @Column({ type: 'integer', name: 'source_id' }) sourceId!: number;
  @Column({ type: 'varchar', name: 'key_hash' }) keyHash!: string;
  @Column({ type: 'varchar' }) name!: string;
  @Column({ type: 'integer', name: 'first_seen_at' }) firstSeenAt!: number;
  @Column({ type: 'integer', name: 'last_seen_at' }) lastSeenAt!: number;
}

@Entity('connections')
export class ConnectionRow {
  @PrimaryGeneratedColumn({ type: 'integer' }) id!: number;
  @Column({ type: 'integer', name: 'source_id' }) sourceId!: number;
  @Column({ type: 'integer', name: 'shop_id' }) shopId!: number;
  @Column({ type: 'text' }) warehouses!: string;
  @Column({ type: 'varchar', name: 'match_by' }) matchBy!: string;
  @Column({ type: 'varchar' }) mode!: string;
  @Column({ type: 'boolean', name: 'allow_name_after_code' }) allowNameAfterCode!: boolean;
  @Column({ type: 'boolean', name: 'hold_errors' }) holdErrors!: boolean;
  @Column({ type: 'integer', name: 'created_at' }) createdAt!: number;
  @Column({ type: 'integer', name: 'updated_at' }) updatedAt!: number;
  @Column({ type: 'varchar', nullable: true }) buffer!: string | null;
  @Column({ type: 'varchar', name: 'pack_size', nullable: true }) packSize!: string | null;
  @Column({ type: 'varchar', nullable: true }) rounding!: string | null;
  @Column({ type: 'varchar', nullable: true }) negative!: string | null;
  @Column({ type: 'text', name: 'category_buffers', nullable: true }) categoryBuffers!: string | null;
  @Column({ type: 'varchar', nullable: true }) unmanaged!: string | null;
  @Column({ type: 'varchar', name: 'on_difference', nullable: true }) onDifference!: string | null;
  @Column({ type: 'text', name: 'order_rule', nullable: true }) orderRule!: string | null;
}

@Entity('source_products')
export class SourceProductRow {
  @PrimaryGeneratedColumn({ type: 'integer' }) id!: number;
  @Column({ type: 'integer', name: 'source_id' }) sourceId!: number;
  @Column({ type: 'varchar', name: 'identity_hash' }) identityHash!: string;
  @Column({ type: 'varchar', nullable: true }) code!: string | null;
  @Column({ type: 'varchar', nullable: true }) barcode!: string | null;
  @Column({ type: 'varchar', nullable: true }) name!: string | null;
  @Column({ type: 'varchar', name: 'external_id', nullable: true }) externalId!: string | null;
  @Column({ type: 'integer', name: 'created_at' }) createdAt!: number;
  @Column({ type: 'integer', name: 'updated_at' }) updatedAt!: number;
}

@Entity('stock_pushes')
export class StockPushRow {
  @PrimaryGeneratedColumn({ type: 'integer' }) id!: number;
  @Column({ type: 'integer', name: 'source_id' }) sourceId!: number;
  @Column({ type: 'integer', name: 'received_at' }) receivedAt!: number;
  @Column({ type: 'varchar', name: 'body_hash' }) bodyHash!: string;
  @Column({ type: 'varchar', name: 'idempotency_hash', nullable: true }) idempotencyHash!: string | null;
  @Column({ type: 'varchar', name: 'content_type', nullable: true }) contentType!: string | null;
  @Column({ type: 'text', name: 'raw_body', nullable: true }) rawBody!: string | null;
  @Column({ type: 'integer' }) bytes!: number;
  @Column({ type: 'boolean', name: 'is_test' }) isTest!: boolean;
  @Column({ type: 'integer' }) accepted!: number;
  @Column({ type: 'integer' }) rejected!: number;
  @Column({ type: 'integer' }) superseded!: number;
  @Column({ type: 'integer', name: 'not_chosen' }) notChosen!: number;
  @Column({ type: 'integer', name: 'replay_of', nullable: true }) replayOf!: number | null;
  /** null = kept before it was told apart: a test, or levels. */
  @Column({ type: 'varchar', nullable: true }) says!: string | null;
}

@Entity('stock_levels')
export class StockLevelRow {
  @PrimaryColumn({ type: 'integer', name: 'source_product_id' }) sourceProductId!: number;
  @PrimaryColumn({ type: 'integer', name: 'warehouse_id' }) warehouseId!: number;
  @Column({ type: 'varchar' }) quantity!: string;
  @Column({ type: 'integer', name: 'observed_at' }) observedAt!: number;
  @Column({ type: 'integer', name: 'push_id', nullable: true }) pushId!: number | null;
  @Column({ type: 'integer', name: 'updated_at' }) updatedAt!: number;
  @Column({ type: 'integer', name: 'counted_at', nullable: true }) countedAt!: number | null;
}

@Entity('stock_push_lines')
export class StockPushLineRow {
  @PrimaryColumn({ type: 'integer', name: 'push_id' }) pushId!: number;
  @PrimaryColumn({ type: 'integer', name: 'line_index' }) lineIndex!: number;
  @Column({ type: 'varchar' }) outcome!: string;
  @Column({ type: 'varchar', nullable: true }) reason!: string | null;
  @Column({ type: 'varchar', nullable: true }) message!: string | null;
  @Column({ type: 'integer', name: 'source_product_id', nullable: true }) sourceProductId!: number | null;
  @Column({ type: 'varchar', nullable: true }) code!: string | null;
  @Column({ type: 'varchar', nullable: true }) barcode!: string | null;
  @Column({ type: 'varchar', nullable: true }) name!: string | null;
  @Column({ type: 'varchar', nullable: true }) warehouse!: string | null;
  @Column({ type: 'varchar', nullable: true }) quantity!: string | null;
  @Column({ type: 'varchar', name: 'before_quantity', nullable: true }) beforeQuantity!: string | null;
}

@Entity('sync_items')
export class SyncItemRow {
  @PrimaryGeneratedColumn({ type: 'integer' }) id!: number;
  @Column({ type: 'integer', name: 'connection_id' }) connectionId!: number;
  @Column({ type: 'integer', name: 'source_product_id' }) sourceProductId!: number;
  @Column({ type: 'integer', name: 'shop_id' }) shopId!: number;
  @Column({ type: 'varchar' }) status!: string;
  @Column({ type: 'integer' }) priority!: number;
  @Column({ type: 'integer', name: 'due_at', nullable: true }) dueAt!: number | null;
  @Column({ type: 'integer', name: 'waiting_since', nullable: true }) waitingSince!: number | null;
  @Column({ type: 'integer', name: 'written_at', nullable: true }) writtenAt!: number | null;
  @Column({ type: 'integer' }) version!: number;
  @Column({ type: 'integer' }) epoch!: number;
  @Column({ type: 'integer' }) attempts!: number;
  @Column({ type: 'varchar', nullable: true }) shown!: string | null;
  @Column({ type: 'integer', name: 'shown_at', nullable: true }) shownAt!: number | null;
  @Column({ type: 'integer', name: 'last_synced_at', nullable: true }) lastSyncedAt!: number | null;
  @Column({ type: 'varchar', name: 'failure_code', nullable: true }) failureCode!: string | null;
  @Column({ type: 'varchar', name: 'failure_cause', nullable: true }) failureCause!: string | null;
  @Column({ type: 'text', nullable: true }) failure!: string | null;
  @Column({ type: 'integer', name: 'created_at' }) createdAt!: number;
  @Column({ type: 'integer', name: 'updated_at' }) updatedAt!: number;
}

@Entity('product_links')
export class ProductLinkRow {
  @PrimaryColumn({ type: 'integer', name: 'item_id' }) itemId!: number;
  @Column({ type: 'integer', name: 'shop_id' }) shopId!: number;
  @Column({ type: 'integer', name: 'product_id' }) productId!: number;
  @Column({ type: 'integer', name: 'variation_id' }) variationId!: number;
  @Column({ type: 'varchar', name: 'found_by' }) foundBy!: string;
  @Column({ type: 'varchar' }) sku!: string;
  @Column({ type: 'varchar' }) name!: string;
  @Column({ type: 'integer', name: 'found_at' }) foundAt!: number;
  @Column({ type: 'integer', name: 'proven_at' }) provenAt!: number;
}

@Entity('sync_attempts')
export class SyncAttemptRow {
  @PrimaryGeneratedColumn({ type: 'integer' }) id!: number;
  @Column({ type: 'integer', name: 'item_id' }) itemId!: number;
  @Column({ type: 'integer' }) at!: number;
  @Column({ type: 'varchar' }) step!: string;
  @Column({ type: 'varchar' }) outcome!: string;
  @Column({ type: 'varchar', name: 'before_quantity', nullable: true }) beforeQuantity!: string | null;
  @Column({ type: 'varchar', name: 'after_quantity', nullable: true }) afterQuantity!: string | null;
  @Column({ type: 'varchar', nullable: true }) wanted!: string | null;
  @Column({ type: 'text', nullable: true }) params!: string | null;
  @Column({ type: 'text', nullable: true }) failure!: string | null;
  @Column({ type: 'varchar', name: 'made_by', nullable: true }) madeBy!: string | null;
}

@Entity('notifications')
export class NotificationRow {
  @PrimaryGeneratedColumn({ type: 'integer' }) id!: number;
  @Column({ type: 'varchar' }) kind!: string;
  @Column({ type: 'integer', name: 'shop_id', nullable: true }) shopId!: number | null;
  @Column({ type: 'text', nullable: true }) failure!: string | null;
  @Column({ type: 'integer', name: 'raised_at' }) raisedAt!: number;
  @Column({ type: 'integer', name: 'healed_at', nullable: true }) healedAt!: number | null;
  @Column({ type: 'integer', name: 'source_id', nullable: true }) sourceId!: number | null;
  @Column({ type: 'varchar' }) subject!: string;
  @Column({ type: 'integer', name: 'connection_id', nullable: true }) connectionId!: number | null;
  @Column({ type: 'varchar', nullable: true }) cause!: string | null;
  @Column({ type: 'text', nullable: true }) params!: string | null;
  @Column({ type: 'integer', name: 'news_at' }) newsAt!: number;
}

export const entities = [
  NotificationRow,
  AppSettingRow,
  UserRow,
  SessionRow,
  ShopRow,
  LaneRow,
  SourceRow,
  SourceTokenRow,
  WarehouseRow,
  ConnectionRow,
  SourceProductRow,
  StockPushRow,
  StockLevelRow,
  StockPushLineRow,
  SyncItemRow,
  ProductLinkRow,
  SyncAttemptRow,
];
