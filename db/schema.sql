CREATE TABLE "access_links" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "kind" varchar(10) NOT NULL,
  "user_id" integer,
  "email" varchar(254) NOT NULL,
  "email_hash" varchar(64) NOT NULL,
  "role" varchar(20) NOT NULL,
  "token_hash" varchar(64) NOT NULL,
  "issued_by" varchar(254) NOT NULL,
  "created_at" integer NOT NULL,
  "expires_at" integer NOT NULL,
  CONSTRAINT "uq_access_links_token" UNIQUE ("token_hash"),
  CONSTRAINT "uq_access_links_email" UNIQUE ("kind", "email_hash"),
  CONSTRAINT "FK_005822e728d91a22e206a61a045" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
);

CREATE TABLE "activity_hours" (
  "shop_id" integer NOT NULL,
  "hour" integer NOT NULL,
  "changes" integer NOT NULL DEFAULT (0),
  "failures" integer NOT NULL DEFAULT (0),
  "delay_total_ms" integer NOT NULL DEFAULT (0),
  "delay_longest_ms" integer NOT NULL DEFAULT (0),
  CONSTRAINT "FK_45587c4b16cadf0e02780a038b3" FOREIGN KEY ("shop_id") REFERENCES "shops" ("id") ON DELETE CASCADE,
  PRIMARY KEY ("shop_id", "hour")
);

CREATE TABLE "api_tokens" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "user_id" integer NOT NULL,
  "name" varchar(100) NOT NULL,
  "scope" varchar(10) NOT NULL,
  "prefix" varchar(16) NOT NULL,
  "token_hash" varchar(64) NOT NULL,
  "created_at" integer NOT NULL,
  "expires_at" integer,
  "last_used_at" integer,
  CONSTRAINT "uq_api_tokens_token" UNIQUE ("token_hash"),
  CONSTRAINT "FK_b74883f5884a42fd8496d389b25" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
);

CREATE TABLE "app_settings" (
  "name" varchar(100) PRIMARY KEY NOT NULL,
  "value" text NOT NULL
);

CREATE TABLE "audit_entries" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "at" integer NOT NULL,
  "actor_kind" varchar(20) NOT NULL,
  "actor_id" integer,
  "actor" varchar(254) NOT NULL,
  "token_name" varchar(100),
  "address" varchar(45),
  "action" varchar(60) NOT NULL,
  "outcome" varchar(10) NOT NULL,
  "reason" varchar(60),
  "object_kind" varchar(40),
  "object_id" integer,
  "object_name" varchar(254),
  "fields" text
);

CREATE TABLE "bridge_nonces" (
  "pairing_id" varchar(36) NOT NULL,
  "nonce" varchar(32) NOT NULL,
  "seen_at" integer NOT NULL,
  PRIMARY KEY ("pairing_id", "nonce")
);

CREATE TABLE "bridge_pairings" (
  "shop_id" integer PRIMARY KEY NOT NULL,
  "pairing_id" varchar(36),
  "secret" text,
  "next_secret" text,
  "paired_at" integer,
  "shop_user_id" integer,
  "shop_user_email" varchar(254),
  "shop_user_name" varchar(250),
  "user_id" integer,
  "site" text,
  "pending_id" varchar(36),
  "pending_secret" text,
  "code_hash" varchar(64),
  "code_expires_at" integer,
  "pending_user_id" integer,
  "status" text,
  "status_at" integer,
  "failure" text,
  "away_since" integer,
  "retry_at" integer,
  "failures" integer NOT NULL DEFAULT (0),
  "last_failure" text,
  "last_failure_at" integer,
  "answered_at" integer,
  "called_at" integer,
  "watched_at" integer,
  "events_seq" integer NOT NULL DEFAULT (0),
  CONSTRAINT "uq_bridge_pairings_pairing" UNIQUE ("pairing_id"),
  CONSTRAINT "FK_53a7e69cefff2d1fbff582a39f3" FOREIGN KEY ("shop_id") REFERENCES "shops" ("id") ON DELETE CASCADE,
  CONSTRAINT "FK_cd47b61599fb92d6d2dfa406d5b" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE SET NULL,
  CONSTRAINT "FK_aa13019111508a857700d6a52b6" FOREIGN KEY ("pending_user_id") REFERENCES "users" ("id") ON DELETE SET NULL
);

CREATE TABLE "catalog_categories" (
  "shop_id" integer NOT NULL,
  "category_id" integer NOT NULL,
  "name" varchar(200) NOT NULL,
  CONSTRAINT "FK_0321f326f32faaebc55c02ae169" FOREIGN KEY ("shop_id") REFERENCES "shops" ("id") ON DELETE CASCADE,
  PRIMARY KEY ("shop_id", "category_id")
);

CREATE TABLE "catalog_entries" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "shop_id" integer NOT NULL,
  "product_id" integer NOT NULL,
  "variation_id" integer NOT NULL,
  "type" varchar(20) NOT NULL,
  "sku" varchar(200) NOT NULL,
  "gtin" varchar(100),
  "name" varchar(500) NOT NULL,
  "code_key" varchar(32),
  "gtin_key" varchar(32),
  "sku_barcode_key" varchar(32),
  "name_key" varchar(32),
  "status" varchar(20) NOT NULL,
  "stock_owner" varchar(10) NOT NULL,
  "quantity" varchar(32),
  "stock_status" varchar(20) NOT NULL,
  "backorders" boolean NOT NULL,
  "translations" text,
  "categories" text,
  "modified_at" integer,
  "seen_pass" integer NOT NULL,
  "seen_at" integer NOT NULL,
  CONSTRAINT "uq_catalog_entries_product" UNIQUE ("shop_id", "product_id", "variation_id"),
  CONSTRAINT "FK_feabec8792e8872dfcb1c7b7397" FOREIGN KEY ("shop_id") REFERENCES "shops" ("id") ON DELETE CASCADE
);

CREATE TABLE "catalog_words" (
  "shop_id" integer NOT NULL,
  "word" varchar(40) NOT NULL,
  "entry_id" integer NOT NULL,
  CONSTRAINT "FK_f85a55fa10199c013965a84106a" FOREIGN KEY ("entry_id") REFERENCES "catalog_entries" ("id") ON DELETE CASCADE,
  PRIMARY KEY ("shop_id", "word", "entry_id")
);

CREATE TABLE "catalogs" (
  "shop_id" integer PRIMARY KEY NOT NULL,
  "pass" integer NOT NULL DEFAULT (0),
  "position" text,
  "walk" varchar(10),
  "done" integer NOT NULL DEFAULT (0),
  "total" integer,
  "walk_began_at" integer,
  "walk_began_shop_time" integer,
  "changed_since" integer,
  "loaded_at" integer,
  "refreshed_at" integer,
  "due_at" integer,
  "full_due_at" integer,
  "failure" text,
  "changed_mark" varchar(80),
  CONSTRAINT "FK_90b8c9da650b46a97e0354e493a" FOREIGN KEY ("shop_id") REFERENCES "shops" ("id") ON DELETE CASCADE ON UPDATE NO ACTION
);

CREATE TABLE "connections" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "source_id" integer NOT NULL,
  "shop_id" integer NOT NULL,
  "warehouses" text NOT NULL,
  "match_by" varchar(60) NOT NULL,
  "mode" varchar(10) NOT NULL,
  "allow_name_after_code" boolean NOT NULL,
  "created_at" integer NOT NULL,
  "updated_at" integer NOT NULL,
  "hold_errors" boolean NOT NULL DEFAULT (0),
  "buffer" varchar(32),
  "pack_size" varchar(32),
  "rounding" varchar(10),
  "negative" varchar(30),
  "category_buffers" text,
  "unmanaged" varchar(10),
  "on_difference" varchar(10),
  "order_rule" text,
  CONSTRAINT "uq_connections_pair" UNIQUE ("source_id", "shop_id"),
  CONSTRAINT "FK_052d80e28a188b02b90fdffa96b" FOREIGN KEY ("source_id") REFERENCES "sources" ("id") ON DELETE CASCADE ON UPDATE NO ACTION,
  CONSTRAINT "FK_fe25f3c6a698336e8c019232529" FOREIGN KEY ("shop_id") REFERENCES "shops" ("id") ON DELETE CASCADE ON UPDATE NO ACTION
);

CREATE TABLE "flow_run_lines" (
  "run_id" integer NOT NULL,
  "line_no" integer NOT NULL,
  "code" varchar(100),
  "barcode" varchar(100),
  "name" varchar(500),
  "external_id" varchar(100),
  "warehouse" varchar(200),
  "quantity" varchar(32),
  "refusal" varchar(40),
  "observed_at" integer,
  "item_id" integer,
  "before_quantity" varchar(32),
  "wanted" varchar(32),
  "after_quantity" varchar(32),
  "outcome" varchar(20),
  "failure" text,
  "reason" varchar(30),
  "reason_params" text,
  "seen_quantity" varchar(32),
  CONSTRAINT "FK_60fe492e0a6eaa6c9948faf77b4" FOREIGN KEY ("item_id") REFERENCES "sync_items" ("id") ON DELETE SET NULL ON UPDATE NO ACTION,
  CONSTRAINT "FK_09b2c4baa5a37d2315cf89d3f4a" FOREIGN KEY ("run_id") REFERENCES "flow_runs" ("id") ON DELETE CASCADE ON UPDATE NO ACTION,
  PRIMARY KEY ("run_id", "line_no")
);

CREATE TABLE "flow_run_steps" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "run_id" integer NOT NULL,
  "at" integer NOT NULL,
  "step" varchar(30) NOT NULL,
  "params" text,
  "failure" text,
  CONSTRAINT "FK_37b783a1ebc02a3814d50137e35" FOREIGN KEY ("run_id") REFERENCES "flow_runs" ("id") ON DELETE CASCADE
);

CREATE TABLE "flow_runs" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "connection_id" integer NOT NULL,
  "kind" varchar(20) NOT NULL,
  "started_by" varchar(10) NOT NULL,
  "asked_by" varchar(254),
  "status" varchar(20) NOT NULL,
  "phase" varchar(20) NOT NULL,
  "position" text,
  "done" integer NOT NULL DEFAULT (0),
  "total" integer,
  "counts" text,
  "failure" text,
  "cancel_asked" boolean NOT NULL DEFAULT (0),
  "brake_released" boolean NOT NULL DEFAULT (0),
  "undo_of" integer,
  "asked_at" integer NOT NULL,
  "started_at" integer,
  "applied_at" integer,
  "finished_at" integer,
  "owner" varchar(120),
  "epoch" integer NOT NULL DEFAULT (0),
  "lease_until" integer NOT NULL DEFAULT (0),
  "not_before" integer NOT NULL DEFAULT (0),
  "by_file" boolean NOT NULL DEFAULT (0),
  CONSTRAINT "FK_903907f08226bfc2aaee347bf00" FOREIGN KEY ("connection_id") REFERENCES "connections" ("id") ON DELETE CASCADE ON UPDATE NO ACTION
);

CREATE TABLE "flows" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "connection_id" integer NOT NULL,
  "kind" varchar(20) NOT NULL,
  "enabled" boolean NOT NULL,
  "cron" varchar(100) NOT NULL,
  "time_zone" varchar(64) NOT NULL,
  "next_at" integer,
  "created_at" integer NOT NULL,
  "updated_at" integer NOT NULL,
  CONSTRAINT "uq_flows_kind" UNIQUE ("connection_id", "kind"),
  CONSTRAINT "FK_5d3cd20ce15eac2f20eec6d4f03" FOREIGN KEY ("connection_id") REFERENCES "connections" ("id") ON DELETE CASCADE
);

CREATE TABLE "former_links" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "item_id" integer NOT NULL,
  "shop_id" integer NOT NULL,
  "product_id" integer NOT NULL,
  "variation_id" integer NOT NULL,
  CONSTRAINT "uq_former_links_product" UNIQUE ("shop_id", "product_id", "variation_id"),
  CONSTRAINT "FK_811d58f5f5a4897332df3aa735d" FOREIGN KEY ("item_id") REFERENCES "sync_items" ("id") ON DELETE CASCADE
);

CREATE TABLE "item_deed_items" (
  "deed_id" integer NOT NULL,
  "item_id" integer NOT NULL,
  "step_id" integer NOT NULL,
  "links" text,
  CONSTRAINT "FK_a3331a0ccb8d0be987f900977a6" FOREIGN KEY ("deed_id") REFERENCES "item_deeds" ("id") ON DELETE CASCADE,
  CONSTRAINT "FK_96a093b4667288ce6bab1329ae7" FOREIGN KEY ("item_id") REFERENCES "sync_items" ("id") ON DELETE CASCADE,
  PRIMARY KEY ("deed_id", "item_id")
);

CREATE TABLE "item_deeds" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "action" varchar(20) NOT NULL,
  "made_by" varchar(254) NOT NULL,
  "made_at" integer NOT NULL,
  "undone_at" integer
);

CREATE TABLE "lanes" (
  "shop_id" integer PRIMARY KEY NOT NULL,
  "owner" varchar(120),
  "epoch" integer NOT NULL DEFAULT (0),
  "lease_until" integer NOT NULL DEFAULT (0),
  "circuit_state" varchar(10) NOT NULL DEFAULT ('closed'),
  "circuit_failure" text,
  "circuit_opened_at" integer,
  "circuit_probe_at" integer,
  "circuit_failures" integer NOT NULL DEFAULT (0),
  "pace" varchar(100),
  "circuit_set_at" integer,
  CONSTRAINT "FK_b84a2beb12039f757ef5d265af4" FOREIGN KEY ("shop_id") REFERENCES "shops" ("id") ON DELETE CASCADE ON UPDATE NO ACTION
);

CREATE TABLE "level_falls" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "connection_id" integer NOT NULL,
  "source_product_id" integer NOT NULL,
  "quantity" varchar(32) NOT NULL,
  "fell_at" integer NOT NULL,
  CONSTRAINT "FK_8706b9bcecc9cab5c913dfe66a5" FOREIGN KEY ("connection_id") REFERENCES "connections" ("id") ON DELETE CASCADE,
  CONSTRAINT "FK_5c66dbe63e4d0c7e9953f48019e" FOREIGN KEY ("source_product_id") REFERENCES "source_products" ("id") ON DELETE CASCADE
);

CREATE TABLE "level_requests" (
  "source_id" integer NOT NULL,
  "reference_hash" varchar(64) NOT NULL,
  "reference" varchar(200) NOT NULL,
  "version" integer NOT NULL DEFAULT (1),
  "attempts" integer NOT NULL DEFAULT (0),
  "asked_at" integer NOT NULL,
  "due_at" integer NOT NULL,
  "failure" text,
  CONSTRAINT "FK_77dba78e2c1f3263b25a4eb0aab" FOREIGN KEY ("source_id") REFERENCES "sources" ("id") ON DELETE CASCADE,
  PRIMARY KEY ("source_id", "reference_hash")
);

CREATE TABLE "lock_row" (
  "n" integer PRIMARY KEY NOT NULL
);

CREATE TABLE "login_challenges" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "user_id" integer NOT NULL,
  "token_hash" varchar(64) NOT NULL,
  "tries" integer NOT NULL DEFAULT (0),
  "created_at" integer NOT NULL,
  "expires_at" integer NOT NULL,
  CONSTRAINT "uq_login_challenges_token" UNIQUE ("token_hash"),
  CONSTRAINT "FK_23bb9553efaa83910672d214f65" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
);

CREATE TABLE "notice_deliveries" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "channel" varchar(10) NOT NULL,
  "user_id" integer,
  "webhook_id" integer,
  "notification_id" integer NOT NULL,
  "message" varchar(10) NOT NULL,
  "due_at" integer,
  "lease_until" integer NOT NULL DEFAULT (0),
  "attempts" integer NOT NULL DEFAULT (0),
  "first_due_at" integer NOT NULL,
  "sent_at" integer,
  "failed_at" integer,
  "failure" text,
  CONSTRAINT "FK_325b3b3f7cd41e4e33d14462851" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE,
  CONSTRAINT "FK_fb87f7a54e6e650db82e669e312" FOREIGN KEY ("webhook_id") REFERENCES "notice_webhooks" ("id") ON DELETE CASCADE,
  CONSTRAINT "FK_90239dd96abad85edd90853c850" FOREIGN KEY ("notification_id") REFERENCES "notifications" ("id") ON DELETE CASCADE
);

CREATE TABLE "notice_preferences" (
  "user_id" integer PRIMARY KEY NOT NULL,
  "preferences" text,
  "read_until" integer,
  "updated_at" integer NOT NULL,
  CONSTRAINT "FK_e48c572a24406c76a8f53cf977a" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
);

CREATE TABLE "notice_webhooks" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "url" varchar(500) NOT NULL,
  "secret" text NOT NULL,
  "created_at" integer NOT NULL
);

CREATE TABLE "notifications" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "kind" varchar(40) NOT NULL,
  "shop_id" integer,
  "failure" text,
  "raised_at" integer NOT NULL,
  "healed_at" integer,
  "source_id" integer,
  "subject" varchar(160) NOT NULL DEFAULT (''),
  "connection_id" integer,
  "cause" varchar(40),
  "params" text,
  "news_at" integer NOT NULL DEFAULT (0),
  CONSTRAINT "FK_6df62bb0a83b23023d9086098d9" FOREIGN KEY ("shop_id") REFERENCES "shops" ("id") ON DELETE CASCADE ON UPDATE NO ACTION
);

CREATE TABLE "order_ledgers" (
  "shop_id" integer PRIMARY KEY NOT NULL,
  "began_at" integer NOT NULL,
  "read_to" integer NOT NULL,
  "polled_at" integer,
  "due_at" integer NOT NULL,
  "failure" text,
  "heard_at" integer,
  "lag_ms" integer,
  "saved_orders" integer NOT NULL DEFAULT (0),
  "saved_pieces" varchar(32) NOT NULL DEFAULT ('0'),
  "thrown_away_to" integer,
  CONSTRAINT "FK_18edd6cdebedceb30c4a0f5d4d5" FOREIGN KEY ("shop_id") REFERENCES "shops" ("id") ON DELETE CASCADE ON UPDATE NO ACTION
);

CREATE TABLE "order_releases" (
  "connection_id" integer NOT NULL,
  "line_row_id" integer NOT NULL,
  "quantity" varchar(32) NOT NULL,
  "reason" varchar(20) NOT NULL,
  "released_by" varchar(254),
  "released_at" integer NOT NULL,
  CONSTRAINT "FK_8949ac8213b6f9fc9e8b3d38e21" FOREIGN KEY ("connection_id") REFERENCES "connections" ("id") ON DELETE CASCADE,
  CONSTRAINT "FK_df9b0c96f3a95f74054f8c58120" FOREIGN KEY ("line_row_id") REFERENCES "web_order_lines" ("id") ON DELETE CASCADE,
  PRIMARY KEY ("connection_id", "line_row_id")
);

CREATE TABLE "problems" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "connection_id" integer NOT NULL,
  "failure_code" varchar(40) NOT NULL,
  "failure_cause" varchar(16),
  "failure" text NOT NULL,
  "items" integer NOT NULL,
  "since" integer NOT NULL,
  "seen_at" integer NOT NULL,
  "healed_at" integer,
  CONSTRAINT "FK_fbba6b42d3b54a14238978ec5c3" FOREIGN KEY ("connection_id") REFERENCES "connections" ("id") ON DELETE CASCADE
);

CREATE TABLE "product_link_twins" (
  "item_id" integer NOT NULL,
  "product_id" integer NOT NULL,
  "variation_id" integer NOT NULL,
  "shop_id" integer NOT NULL,
  CONSTRAINT "uq_product_link_twins_product" UNIQUE ("shop_id", "product_id", "variation_id"),
  CONSTRAINT "FK_d4508ea8fececb63f6dbb5992eb" FOREIGN KEY ("item_id") REFERENCES "sync_items" ("id") ON DELETE CASCADE,
  PRIMARY KEY ("item_id", "product_id", "variation_id")
);

CREATE TABLE "product_links" (
  "item_id" integer PRIMARY KEY NOT NULL,
  "shop_id" integer NOT NULL,
  "product_id" integer NOT NULL,
  "variation_id" integer NOT NULL,
  "found_by" varchar(20) NOT NULL,
  "sku" varchar(200) NOT NULL,
  "name" varchar(500) NOT NULL,
  "found_at" integer NOT NULL,
  "proven_at" integer NOT NULL,
  CONSTRAINT "uq_product_links_product" UNIQUE ("shop_id", "product_id", "variation_id"),
  CONSTRAINT "FK_6bca0565b78a65bb5a7dfa93e34" FOREIGN KEY ("item_id") REFERENCES "sync_items" ("id") ON DELETE CASCADE,
  CONSTRAINT "FK_5243dc2a637e63a81e3fdaa90ca" FOREIGN KEY ("shop_id") REFERENCES "shops" ("id") ON DELETE CASCADE
);

CREATE TABLE "product_sales" (
  "shop_id" integer NOT NULL,
  "product_id" integer NOT NULL,
  "variation_id" integer NOT NULL,
  "taken" varchar(32) NOT NULL,
  "given" varchar(32) NOT NULL,
  CONSTRAINT "FK_b1b15c710b95a7b1347d377237b" FOREIGN KEY ("shop_id") REFERENCES "shops" ("id") ON DELETE CASCADE,
  PRIMARY KEY ("shop_id", "product_id", "variation_id")
);

CREATE TABLE "recovery_codes" (
  "user_id" integer NOT NULL,
  "code_hash" varchar(64) NOT NULL,
  CONSTRAINT "FK_fb82b2ac740ca095b617afad031" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE,
  PRIMARY KEY ("user_id", "code_hash")
);

CREATE TABLE "schema_migrations" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "timestamp" bigint NOT NULL,
  "name" varchar NOT NULL
);

CREATE TABLE "second_factors" (
  "user_id" integer PRIMARY KEY NOT NULL,
  "secret" text,
  "confirmed_at" integer,
  "last_step" integer,
  "pending_secret" text,
  CONSTRAINT "FK_16f2eb964b73e67d1f570c34825" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
);

CREATE TABLE "sessions" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "token_hash" varchar(64) NOT NULL,
  "user_id" integer NOT NULL,
  "user_agent" varchar(300),
  "created_at" integer NOT NULL,
  "last_seen_at" integer NOT NULL,
  "expires_at" integer NOT NULL,
  CONSTRAINT "uq_sessions_token" UNIQUE ("token_hash"),
  CONSTRAINT "FK_085d540d9f418cfbdc7bd55bb19" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
);

CREATE TABLE "shop_webhooks" (
  "shop_id" integer PRIMARY KEY NOT NULL,
  "hook_key" varchar(64) NOT NULL,
  "secret" text NOT NULL,
  "state" varchar(30) NOT NULL,
  "failure" text,
  "checked_at" integer,
  "received_at" integer,
  "revived_at" integer,
  CONSTRAINT "uq_shop_webhooks_key" UNIQUE ("hook_key"),
  CONSTRAINT "FK_7c3cfc9ac16a6e6530c9f89b3d9" FOREIGN KEY ("shop_id") REFERENCES "shops" ("id") ON DELETE CASCADE
);

CREATE TABLE "shops" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "name" varchar(200) NOT NULL,
  "url" varchar(500) NOT NULL,
  "consumer_key" text NOT NULL,
  "consumer_secret" text NOT NULL,
  "consumer_key_hint" varchar(40) NOT NULL,
  "verify_tls" boolean NOT NULL,
  "allow_query_keys" boolean NOT NULL,
  "authentication" varchar(20),
  "route_style" varchar(20),
  "version" varchar(40),
  "last_test" text,
  "created_at" integer NOT NULL,
  "updated_at" integer NOT NULL,
  "calls_per_minute" integer,
  "quiet_from_minute" integer,
  "quiet_to_minute" integer,
  "quiet_time_zone" varchar(64)
);

CREATE TABLE "sku_mappings" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "connection_id" integer NOT NULL,
  "reference" varchar(100) NOT NULL,
  "reference_key" varchar(64) NOT NULL,
  "sku" varchar(200) NOT NULL,
  "created_at" integer NOT NULL,
  CONSTRAINT "uq_sku_mappings_reference" UNIQUE ("connection_id", "reference_key"),
  CONSTRAINT "FK_7691f0fa76efc648a93c1c4246a" FOREIGN KEY ("connection_id") REFERENCES "connections" ("id") ON DELETE CASCADE
);

CREATE TABLE "source_products" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "source_id" integer NOT NULL,
  "identity_hash" varchar(64) NOT NULL,
  "code" varchar(100),
  "barcode" varchar(100),
  "name" varchar(500),
  "external_id" varchar(100),
  "created_at" integer NOT NULL,
  "updated_at" integer NOT NULL,
  CONSTRAINT "uq_source_products_identity" UNIQUE ("source_id", "identity_hash"),
  CONSTRAINT "FK_297ef798d5b1cd800a74d9d5770" FOREIGN KEY ("source_id") REFERENCES "sources" ("id") ON DELETE CASCADE
);

CREATE TABLE "source_tokens" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "source_id" integer NOT NULL,
  "issuer" varchar(10) NOT NULL,
  "token_hash" varchar(64) NOT NULL,
  "created_at" integer NOT NULL,
  "expires_at" integer,
  "last_used_at" integer,
  CONSTRAINT "FK_3250e7591732f9ebb7fd3317a38" FOREIGN KEY ("source_id") REFERENCES "sources" ("id") ON DELETE CASCADE
);

CREATE TABLE "sources" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "source_key" varchar(64) NOT NULL,
  "name" varchar(200) NOT NULL,
  "kind" varchar(30) NOT NULL,
  "enabled" boolean NOT NULL,
  "settings" text NOT NULL,
  "last_test_at" integer,
  "last_push_at" integer,
  "last_refused_at" integer,
  "last_refusal" varchar(30),
  "created_at" integer NOT NULL,
  "updated_at" integer NOT NULL,
  CONSTRAINT "uq_sources_key" UNIQUE ("source_key")
);

CREATE TABLE "stock_events" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "shop_id" integer NOT NULL,
  "pairing_id" varchar(36) NOT NULL,
  "seq" integer NOT NULL,
  "product_id" integer NOT NULL,
  "parent_id" integer NOT NULL,
  "stock_id" integer NOT NULL,
  "before_quantity" varchar(30),
  "after_quantity" varchar(30),
  "cause" varchar(20) NOT NULL,
  "order_id" integer,
  "order_number" varchar(60),
  "changed_by" varchar(20) NOT NULL,
  "plugin" varchar(100),
  "at" integer NOT NULL,
  "received_at" integer NOT NULL,
  CONSTRAINT "uq_stock_events_seq" UNIQUE ("pairing_id", "seq"),
  CONSTRAINT "FK_fc518671a3b474e0983a1160eba" FOREIGN KEY ("shop_id") REFERENCES "shops" ("id") ON DELETE CASCADE
);

CREATE TABLE "stock_levels" (
  "source_product_id" integer NOT NULL,
  "warehouse_id" integer NOT NULL,
  "quantity" varchar(32) NOT NULL,
  "observed_at" integer NOT NULL,
  "push_id" integer,
  "updated_at" integer NOT NULL,
  "counted_at" integer,
  CONSTRAINT "FK_646a24750192418e87556abd277" FOREIGN KEY ("warehouse_id") REFERENCES "warehouses" ("id") ON DELETE CASCADE ON UPDATE NO ACTION,
  CONSTRAINT "FK_019b6a7d068e84c3e81620085be" FOREIGN KEY ("source_product_id") REFERENCES "source_products" ("id") ON DELETE CASCADE ON UPDATE NO ACTION,
  PRIMARY KEY ("source_product_id", "warehouse_id")
);

CREATE TABLE "stock_push_lines" (
  "push_id" integer NOT NULL,
  "line_index" integer NOT NULL,
  "outcome" varchar(20) NOT NULL,
  "reason" varchar(40),
  "message" varchar(300),
  "source_product_id" integer,
  "code" varchar(100),
  "barcode" varchar(100),
  "name" varchar(500),
  "warehouse" varchar(200),
  "quantity" varchar(32),
  "before_quantity" varchar(32),
  CONSTRAINT "FK_1277c3c74b071ce363c28cf45c4" FOREIGN KEY ("push_id") REFERENCES "stock_pushes" ("id") ON DELETE CASCADE,
  CONSTRAINT "FK_4bcb30c978ce175d692f2370d58" FOREIGN KEY ("source_product_id") REFERENCES "source_products" ("id") ON DELETE CASCADE,
  PRIMARY KEY ("push_id", "line_index")
);

CREATE TABLE "stock_pushes" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "source_id" integer NOT NULL,
  "received_at" integer NOT NULL,
  "body_hash" varchar(64) NOT NULL,
  "idempotency_hash" varchar(64),
  "content_type" varchar(200),
  "raw_body" text,
  "bytes" integer NOT NULL,
  "is_test" boolean NOT NULL,
  "accepted" integer NOT NULL,
  "rejected" integer NOT NULL,
  "superseded" integer NOT NULL,
  "not_chosen" integer NOT NULL,
  "replay_of" integer,
  "says" varchar(20),
  CONSTRAINT "uq_stock_pushes_idempotency" UNIQUE ("source_id", "idempotency_hash"),
  CONSTRAINT "FK_af8d91307ba8d7e66bd9ea4eaca" FOREIGN KEY ("source_id") REFERENCES "sources" ("id") ON DELETE CASCADE ON UPDATE NO ACTION
);

CREATE TABLE "stock_switches" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "item_id" integer NOT NULL,
  "connection_id" integer NOT NULL,
  "shop_id" integer NOT NULL,
  "product_id" integer NOT NULL,
  "variation_id" integer NOT NULL,
  "switched_at" integer NOT NULL,
  "undo_at" integer,
  CONSTRAINT "uq_stock_switches_product" UNIQUE ("item_id", "product_id", "variation_id"),
  CONSTRAINT "FK_7e941488f7f5cdbd8c7e40ec0e4" FOREIGN KEY ("item_id") REFERENCES "sync_items" ("id") ON DELETE CASCADE
);

CREATE TABLE "sync_attempts" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "item_id" integer NOT NULL,
  "at" integer NOT NULL,
  "step" varchar(20) NOT NULL,
  "outcome" varchar(30) NOT NULL,
  "before_quantity" varchar(32),
  "after_quantity" varchar(32),
  "wanted" varchar(32),
  "params" text,
  "failure" text,
  "made_by" varchar(254),
  CONSTRAINT "FK_43bb0a9c62606baccf3fb453710" FOREIGN KEY ("item_id") REFERENCES "sync_items" ("id") ON DELETE CASCADE
);

CREATE TABLE "sync_items" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "connection_id" integer NOT NULL,
  "source_product_id" integer NOT NULL,
  "shop_id" integer NOT NULL,
  "status" varchar(20) NOT NULL,
  "priority" integer NOT NULL,
  "due_at" integer,
  "version" integer NOT NULL DEFAULT (1),
  "epoch" integer NOT NULL DEFAULT (0),
  "attempts" integer NOT NULL DEFAULT (0),
  "shown" varchar(32),
  "shown_at" integer,
  "last_synced_at" integer,
  "failure_code" varchar(40),
  "failure" text,
  "created_at" integer NOT NULL,
  "updated_at" integer NOT NULL,
  "written_at" integer,
  "waiting_since" integer,
  "buffer" varchar(32),
  "pack_size" varchar(32),
  "held" varchar(32),
  "zeroed_at" integer,
  "failure_cause" varchar(16),
  "held_why" varchar(10),
  "news" boolean NOT NULL DEFAULT (0),
  "shown_taken" varchar(32),
  "shown_given" varchar(32),
  "doubted_until" integer,
  CONSTRAINT "uq_sync_items_product" UNIQUE ("connection_id", "source_product_id"),
  CONSTRAINT "FK_f0a125fab1b4a03f2ac600f808c" FOREIGN KEY ("connection_id") REFERENCES "connections" ("id") ON DELETE CASCADE ON UPDATE NO ACTION,
  CONSTRAINT "FK_ef5351db8e9dc4b2a9bd200b442" FOREIGN KEY ("source_product_id") REFERENCES "source_products" ("id") ON DELETE CASCADE ON UPDATE NO ACTION,
  CONSTRAINT "FK_a008f1f96bee546fda94e5818c6" FOREIGN KEY ("shop_id") REFERENCES "shops" ("id") ON DELETE CASCADE ON UPDATE NO ACTION
);

CREATE TABLE "users" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "email" varchar(254) NOT NULL,
  "email_hash" varchar(64) NOT NULL,
  "password_hash" varchar(255) NOT NULL,
  "role" varchar(20) NOT NULL,
  "language" varchar(10) NOT NULL,
  "created_at" integer NOT NULL,
  "last_seen_at" integer,
  CONSTRAINT "uq_users_email" UNIQUE ("email_hash")
);

CREATE TABLE "vendor_calls" (
  "account_hash" varchar(64) NOT NULL,
  "period" varchar(16) NOT NULL,
  "calls" integer NOT NULL DEFAULT (0),
  PRIMARY KEY ("account_hash", "period")
);

CREATE TABLE "warehouses" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "source_id" integer NOT NULL,
  "key_hash" varchar(64) NOT NULL,
  "name" varchar(200) NOT NULL,
  "first_seen_at" integer NOT NULL,
  "last_seen_at" integer NOT NULL,
  CONSTRAINT "uq_warehouses_key" UNIQUE ("source_id", "key_hash"),
  CONSTRAINT "FK_9e15650d354de22f3758181517b" FOREIGN KEY ("source_id") REFERENCES "sources" ("id") ON DELETE CASCADE
);

CREATE TABLE "web_order_lines" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "web_order_id" integer NOT NULL,
  "shop_id" integer NOT NULL,
  "line_id" integer NOT NULL,
  "product_id" integer NOT NULL,
  "variation_id" integer NOT NULL,
  "held" varchar(32) NOT NULL,
  "saved" varchar(32),
  "saved_at" integer,
  CONSTRAINT "uq_web_order_lines_line" UNIQUE ("web_order_id", "line_id"),
  CONSTRAINT "FK_58965c802ec6570146280d8498a" FOREIGN KEY ("web_order_id") REFERENCES "web_orders" ("id") ON DELETE CASCADE ON UPDATE NO ACTION
);

CREATE TABLE "web_orders" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "shop_id" integer NOT NULL,
  "order_id" integer NOT NULL,
  "number" varchar(64) NOT NULL,
  "status" varchar(40) NOT NULL,
  "placed_at" integer,
  "modified_at" integer NOT NULL,
  "heard_at" integer NOT NULL,
  "heard_by" varchar(10) NOT NULL,
  "gone_at" integer,
  "all_known" boolean NOT NULL DEFAULT (0),
  "took_at" integer,
  CONSTRAINT "uq_web_orders_order" UNIQUE ("shop_id", "order_id"),
  CONSTRAINT "FK_fec452047bf2f01b09702041fa9" FOREIGN KEY ("shop_id") REFERENCES "shops" ("id") ON DELETE CASCADE ON UPDATE NO ACTION
);

CREATE INDEX "ix_access_links_user" ON "access_links" ("user_id");

CREATE INDEX "ix_api_tokens_user" ON "api_tokens" ("user_id", "id");

CREATE INDEX "ix_audit_entries_action" ON "audit_entries" ("action", "id");

CREATE INDEX "ix_audit_entries_actor" ON "audit_entries" ("actor_id", "id");

CREATE INDEX "ix_audit_entries_at" ON "audit_entries" ("at");

CREATE INDEX "ix_bridge_nonces_seen" ON "bridge_nonces" ("seen_at");

CREATE INDEX "ix_catalog_entries_code" ON "catalog_entries" ("shop_id", "code_key");

CREATE INDEX "ix_catalog_entries_gtin" ON "catalog_entries" ("shop_id", "gtin_key");

CREATE INDEX "ix_catalog_entries_name" ON "catalog_entries" ("shop_id", "name_key");

CREATE INDEX "ix_catalog_entries_pass" ON "catalog_entries" ("shop_id", "seen_pass");

CREATE INDEX "ix_catalog_entries_sku_barcode" ON "catalog_entries" ("shop_id", "sku_barcode_key");

CREATE INDEX "ix_catalog_entries_variation" ON "catalog_entries" ("shop_id", "variation_id");

CREATE INDEX "ix_catalog_words_entry" ON "catalog_words" ("entry_id");

CREATE INDEX "ix_catalogs_due" ON "catalogs" ("due_at");

CREATE INDEX "ix_connections_shop" ON "connections" ("shop_id");

CREATE INDEX "ix_flow_run_lines_item" ON "flow_run_lines" ("item_id", "run_id");

CREATE INDEX "ix_flow_run_steps_run" ON "flow_run_steps" ("run_id", "id");

CREATE INDEX "ix_flow_runs_connection" ON "flow_runs" ("connection_id", "id");

CREATE INDEX "ix_flow_runs_open" ON "flow_runs" ("status", "not_before");

CREATE INDEX "ix_flows_next" ON "flows" ("next_at");

CREATE INDEX "ix_former_links_item" ON "former_links" ("item_id");

CREATE INDEX "ix_item_deeds_made" ON "item_deeds" ("made_at");

CREATE INDEX "ix_level_falls_product" ON "level_falls" ("connection_id", "source_product_id");

CREATE INDEX "ix_level_falls_time" ON "level_falls" ("fell_at");

CREATE INDEX "ix_level_requests_due" ON "level_requests" ("due_at");

CREATE INDEX "ix_login_challenges_user" ON "login_challenges" ("user_id", "created_at");

CREATE INDEX "ix_notice_deliveries_due" ON "notice_deliveries" ("channel", "due_at");

CREATE INDEX "ix_notice_deliveries_notification" ON "notice_deliveries" ("notification_id", "id");

CREATE INDEX "ix_notice_deliveries_user" ON "notice_deliveries" ("user_id", "due_at");

CREATE INDEX "ix_notice_deliveries_webhook" ON "notice_deliveries" ("webhook_id", "due_at");

CREATE INDEX "ix_notifications_healed" ON "notifications" ("healed_at", "id");

CREATE INDEX "ix_notifications_news" ON "notifications" ("news_at");

CREATE INDEX "ix_notifications_open" ON "notifications" ("kind", "shop_id", "healed_at");

CREATE INDEX "ix_notifications_raised" ON "notifications" ("raised_at");

CREATE INDEX "ix_notifications_subject" ON "notifications" ("subject", "healed_at");

CREATE INDEX "ix_order_releases_line" ON "order_releases" ("line_row_id");

CREATE INDEX "ix_problems_healed" ON "problems" ("healed_at");

CREATE INDEX "ix_sessions_expiry" ON "sessions" ("expires_at");

CREATE INDEX "ix_sessions_user" ON "sessions" ("user_id");

CREATE INDEX "ix_source_products_code" ON "source_products" ("source_id", "code");

CREATE INDEX "ix_source_products_external" ON "source_products" ("source_id", "external_id");

CREATE INDEX "ix_source_tokens_source" ON "source_tokens" ("source_id");

CREATE INDEX "ix_stock_events_order" ON "stock_events" ("shop_id", "order_id");

CREATE INDEX "ix_stock_events_product" ON "stock_events" ("shop_id", "stock_id", "at");

CREATE INDEX "ix_stock_events_received" ON "stock_events" ("received_at");

CREATE INDEX "ix_stock_push_lines_product" ON "stock_push_lines" ("source_product_id", "push_id");

CREATE INDEX "ix_stock_pushes_received" ON "stock_pushes" ("received_at");

CREATE INDEX "ix_stock_pushes_rejected" ON "stock_pushes" ("rejected", "id");

CREATE INDEX "ix_stock_pushes_says" ON "stock_pushes" ("says", "id");

CREATE INDEX "ix_stock_pushes_source" ON "stock_pushes" ("source_id", "id");

CREATE INDEX "ix_stock_switches_connection" ON "stock_switches" ("connection_id", "id");

CREATE INDEX "ix_stock_switches_undo" ON "stock_switches" ("shop_id", "undo_at");

CREATE INDEX "ix_sync_attempts_at" ON "sync_attempts" ("at");

CREATE INDEX "ix_sync_attempts_item" ON "sync_attempts" ("item_id", "id");

CREATE INDEX "ix_sync_items_due" ON "sync_items" ("shop_id", "priority", "due_at", "id");

CREATE INDEX "ix_sync_items_failure" ON "sync_items" ("connection_id", "failure_code", "failure_cause", "status") WHERE failure_code IS NOT NULL;

CREATE INDEX "ix_sync_items_source_product" ON "sync_items" ("source_product_id");

CREATE INDEX "ix_sync_items_status" ON "sync_items" ("connection_id", "status", "id");

CREATE INDEX "ix_sync_items_writing" ON "sync_items" ("shop_id", "status");

CREATE INDEX "ix_sync_items_zeroed" ON "sync_items" ("connection_id", "zeroed_at");

CREATE INDEX "ix_web_order_lines_product" ON "web_order_lines" ("shop_id", "product_id", "variation_id");

CREATE INDEX "ix_web_order_lines_saved" ON "web_order_lines" ("saved_at", "shop_id", "web_order_id", "saved");

CREATE INDEX "ix_web_order_lines_sold" ON "web_order_lines" ("product_id");

CREATE INDEX "ix_web_order_lines_variation" ON "web_order_lines" ("variation_id");

CREATE INDEX "ix_web_orders_number" ON "web_orders" ("number");

CREATE INDEX "ix_web_orders_placed" ON "web_orders" ("shop_id", "placed_at");

CREATE INDEX "ix_web_orders_unknown" ON "web_orders" ("all_known", "shop_id", "placed_at");
