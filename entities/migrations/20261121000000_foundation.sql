-- The foundation: every table that would be costly to add later is here from the first day.
-- Each tenant table has tenant_id and livemode and a forced row-level policy; see protect_table() at the end.

create function perdura_tenant() returns text language sql stable parallel safe
  as $$ select nullif(current_setting('perdura.tenant_id', true), '') $$;
create function perdura_livemode() returns boolean language sql stable parallel safe
  as $$ select nullif(current_setting('perdura.livemode', true), '')::boolean $$;

-- ── Platform ────────────────────────────────────────────────────────────────────────────────────
create table tenants (
  id text primary key,
  name text not null,
  slug text not null unique,
  settings jsonb not null default '{}',
  created_at timestamptz not null
);

create table api_keys (
  id text primary key,
  tenant_id text not null references tenants,
  livemode boolean not null,
  kind text not null check (kind in ('secret', 'publishable')),
  name text not null,
  hash text not null unique,
  prefix text not null,
  last_four text not null,
  scopes text[] not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz not null
);
create index api_keys_page on api_keys (tenant_id, livemode, id);

create table order_counters (
  tenant_id text not null references tenants,
  livemode boolean not null,
  last_number bigint not null,
  primary key (tenant_id, livemode)
);

-- Intake row first, then the workflow: who asked for what under which key, and what was answered.
create table intake_commands (
  tenant_id text not null references tenants,
  livemode boolean not null,
  operation text not null,
  idempotency_key text not null,
  body_hash text not null,
  resource_id text not null,
  workflow_id text not null,
  input_sealed text not null,
  status text not null check (status in ('running', 'answered')),
  lease_expires_at timestamptz not null,
  response_sealed text,
  -- What an order lacked that was not placed: there is no order to tell it.
  shortages jsonb,
  delivered_at timestamptz,
  created_at timestamptz not null,
  primary key (tenant_id, livemode, operation, idempotency_key)
);
create index intake_commands_resource on intake_commands (resource_id);
create index intake_commands_undelivered on intake_commands (created_at) where delivered_at is null;

-- ── Catalogue ───────────────────────────────────────────────────────────────────────────────────
create table products (
  id text primary key,
  tenant_id text not null references tenants,
  livemode boolean not null,
  title text not null,
  description text,
  status text not null check (status in ('active', 'archived')),
  metadata jsonb not null default '{}',
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index products_page on products (tenant_id, livemode, id);

create table variants (
  id text primary key,
  tenant_id text not null references tenants,
  livemode boolean not null,
  product_id text not null references products on delete cascade,
  sku text not null,
  title text,
  weight_grams integer check (weight_grams >= 0),
  length_mm integer check (length_mm > 0),
  width_mm integer check (width_mm > 0),
  height_mm integer check (height_mm > 0),
  tax_category text not null default 'standard',
  position integer not null default 0,
  unique (tenant_id, livemode, sku)
);
create index variants_product on variants (product_id);

create table prices (
  id text primary key,
  tenant_id text not null references tenants,
  livemode boolean not null,
  variant_id text not null references variants on delete cascade,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  amount bigint not null check (amount >= 0),
  unique (variant_id, currency)
);

-- ── Customers ───────────────────────────────────────────────────────────────────────────────────
create table customers (
  id text primary key,
  tenant_id text not null references tenants,
  livemode boolean not null,
  email_index text not null,
  profile_sealed text not null,
  status text not null check (status in ('active', 'inactive', 'blocked')),
  tags text[] not null default '{}',
  notes_sealed text,
  provider_refs jsonb not null default '{}',
  metadata jsonb not null default '{}',
  order_count integer not null default 0,
  first_order_at timestamptz,
  last_order_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (tenant_id, livemode, email_index)
);
create index customers_page on customers (tenant_id, livemode, id);

create table customer_addresses (
  id text primary key,
  tenant_id text not null references tenants,
  livemode boolean not null,
  customer_id text not null references customers on delete cascade,
  kind text not null check (kind in ('shipping', 'billing')),
  is_default boolean not null default false,
  country text not null check (country ~ '^[A-Z]{2}$'),
  address_sealed text not null,
  created_at timestamptz not null
);
create index customer_addresses_customer on customer_addresses (customer_id);

-- ── Inventory ───────────────────────────────────────────────────────────────────────────────────
create table locations (
  id text primary key,
  tenant_id text not null references tenants,
  livemode boolean not null,
  code text not null,
  name text not null,
  country text check (country ~ '^[A-Z]{2}$'),
  priority integer not null default 100,
  status text not null check (status in ('active', 'inactive')),
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (tenant_id, livemode, code)
);

create table stock_levels (
  tenant_id text not null references tenants,
  livemode boolean not null,
  sku text not null,
  location_id text not null references locations,
  on_hand bigint not null default 0,
  reserved bigint not null default 0,
  updated_at timestamptz not null,
  primary key (tenant_id, livemode, sku, location_id),
  constraint never_oversold check (reserved >= 0 and on_hand >= 0 and reserved <= on_hand)
);

create table stock_adjustments (
  id text primary key,
  tenant_id text not null references tenants,
  livemode boolean not null,
  location_id text not null references locations,
  sku text not null,
  quantity bigint not null check (quantity <> 0),
  reason text not null,
  order_id text,
  actor text not null,
  created_at timestamptz not null
);
create index stock_adjustments_page on stock_adjustments (tenant_id, livemode, id);

-- ── Payment connections ─────────────────────────────────────────────────────────────────────────
create table payment_gateway_connections (
  id text primary key,
  tenant_id text not null references tenants,
  livemode boolean not null,
  provider text not null,
  name text not null,
  credentials_sealed text not null,
  webhook_secrets_sealed text,
  capabilities jsonb not null,
  is_default boolean not null default false,
  status text not null check (status in ('active', 'disabled')),
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index payment_gateway_connections_page on payment_gateway_connections (tenant_id, livemode, id);
create unique index payment_gateway_connections_default on payment_gateway_connections (tenant_id, livemode, provider)
  where is_default;

create table customer_payment_methods (
  id text primary key,
  tenant_id text not null references tenants,
  livemode boolean not null,
  customer_id text not null references customers on delete cascade,
  connection_id text not null references payment_gateway_connections,
  provider_ref text not null,
  brand text,
  last_four text,
  exp_month integer,
  exp_year integer,
  is_default boolean not null default false,
  created_at timestamptz not null,
  unique (connection_id, provider_ref)
);
create index customer_payment_methods_customer on customer_payment_methods (customer_id);

-- ── Orders ──────────────────────────────────────────────────────────────────────────────────────
create table orders (
  id text primary key,
  tenant_id text not null references tenants,
  livemode boolean not null,
  number bigint not null,
  version integer not null,
  status text not null,
  payment_status text not null,
  fulfillment_status text not null,
  attention jsonb,
  reason text,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  subtotal bigint not null,
  discount bigint not null,
  shipping bigint not null,
  tax bigint not null,
  total bigint not null check (total = subtotal - discount + shipping + tax),
  authorized_amount bigint not null default 0,
  captured_amount bigint not null default 0,
  refunded_amount bigint not null default 0,
  customer_id text not null references customers,
  contact_sealed text not null,
  channel text not null default 'api',
  metadata jsonb not null default '{}',
  workflow_id text not null,
  next_deadline_at timestamptz,
  placed_at timestamptz not null,
  confirmed_at timestamptz,
  closed_at timestamptz,
  -- The workflow's state at `version`, references only: what later refunds and disputes of a closed order go on from,
  -- and what a workflow adopts whose last step was written here but lost there.
  state jsonb not null default '{}',
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (tenant_id, livemode, number),
  -- More than the total may have been taken, at the provider or twice: that is recorded and shown, never refused.
  constraint money_in_bounds check (refunded_amount <= captured_amount)
);
create index orders_page on orders (tenant_id, livemode, id);
create index orders_status on orders (tenant_id, livemode, status, id);
create index orders_customer on orders (tenant_id, livemode, customer_id, id);
create index orders_attention on orders (tenant_id, livemode, id) where attention is not null;
-- What most orders pass through is left out: each index is written anew with every step of an order.
create index orders_payment_status on orders (tenant_id, livemode, payment_status, id)
  where payment_status in ('requires_action', 'partially_paid', 'partially_refunded', 'failed', 'disputed', 'unknown');

create table order_lines (
  id text primary key,
  tenant_id text not null references tenants,
  livemode boolean not null,
  order_id text not null references orders,
  position integer not null,
  sku text not null,
  title text not null,
  quantity bigint not null check (quantity > 0),
  unit_price bigint not null check (unit_price >= 0),
  subtotal bigint not null,
  discount bigint not null,
  tax bigint not null,
  total bigint not null check (total = subtotal - discount + tax),
  shipped bigint not null default 0,
  delivered bigint not null default 0,
  returned bigint not null default 0,
  constraint line_progress check (shipped <= quantity and delivered <= shipped and returned <= delivered),
  unique (order_id, position)
);

create table order_payments (
  id text primary key,
  tenant_id text not null references tenants,
  livemode boolean not null,
  order_id text not null references orders,
  connection_id text not null references payment_gateway_connections,
  provider text not null,
  provider_ref text,
  attempt integer not null,
  status text not null,
  currency text not null,
  amount bigint not null,
  authorized_amount bigint not null default 0,
  captured_amount bigint not null default 0,
  refunded_amount bigint not null default 0,
  capture_before timestamptz,
  decline_code text,
  failure_code text,
  next_action_sealed text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (order_id, attempt)
);
create unique index order_payments_provider_ref on order_payments (connection_id, provider_ref) where provider_ref is not null;

create table stock_reservations (
  tenant_id text not null references tenants,
  livemode boolean not null,
  -- Stock is held before the order is written, in one transaction.
  order_id text not null references orders deferrable initially deferred,
  sku text not null,
  location_id text not null references locations,
  quantity bigint not null check (quantity > 0),
  shipped bigint not null default 0,
  status text not null check (status in ('held', 'released', 'shipped')),
  expires_at timestamptz,
  primary key (order_id, sku, location_id)
);

create table order_shipments (
  id text primary key,
  tenant_id text not null references tenants,
  livemode boolean not null,
  order_id text not null references orders,
  carrier text not null,
  tracking_number text not null,
  status text not null check (status in ('shipped', 'delivered')),
  lines jsonb not null,
  captured_amount bigint not null default 0,
  shipped_at timestamptz not null,
  delivered_at timestamptz
);
create index order_shipments_order on order_shipments (order_id);

create table order_refunds (
  id text primary key,
  tenant_id text not null references tenants,
  livemode boolean not null,
  order_id text not null references orders,
  payment_id text references order_payments,
  provider_ref text,
  status text not null check (status in ('pending', 'succeeded', 'failed', 'canceled')),
  currency text not null,
  amount bigint not null check (amount > 0),
  reason text not null,
  lines jsonb,
  failure_code text,
  actor text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index order_refunds_order on order_refunds (order_id);
create index order_refunds_payment on order_refunds (payment_id);

-- The status history and, at the same time, the fence of every step: one row per (workflow, seq), whose
-- result is what a repeated attempt is told.
create table order_events (
  id text primary key,
  tenant_id text not null references tenants,
  livemode boolean not null,
  order_id text not null references orders,
  workflow_id text not null,
  seq integer not null,
  type text not null,
  actor text not null,
  reason text,
  status text not null,
  payment_status text not null,
  fulfillment_status text not null,
  data jsonb not null default '{}',
  occurred_at timestamptz not null,
  unique (workflow_id, seq)
);
create index order_events_order on order_events (order_id, id);

-- ── Ledger ──────────────────────────────────────────────────────────────────────────────────────
create table ledger_transactions (
  id text primary key,
  tenant_id text not null references tenants,
  livemode boolean not null,
  kind text not null,
  order_id text references orders,
  payment_id text references order_payments,
  refund_id text,
  workflow_id text not null,
  seq integer not null,
  position integer not null,
  occurred_at timestamptz not null,
  unique (workflow_id, seq, position)
);
create index ledger_transactions_page on ledger_transactions (tenant_id, livemode, id);
create index ledger_transactions_order on ledger_transactions (order_id);

create table ledger_entries (
  transaction_id text not null references ledger_transactions,
  line integer not null,
  tenant_id text not null references tenants,
  livemode boolean not null,
  account text not null,
  currency text not null,
  amount bigint not null check (amount <> 0),
  primary key (transaction_id, line)
);
create index ledger_entries_account on ledger_entries (tenant_id, livemode, account, currency) include (amount);
comment on column ledger_entries.amount is 'Minor units; debit positive, credit negative. Each transaction sums to 0 per currency.';

create function ledger_transaction_balances() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from ledger_entries e where e.transaction_id = new.transaction_id group by e.currency having sum(e.amount) <> 0
  ) then
    raise exception 'ledger transaction % does not balance', new.transaction_id using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger ledger_balanced after insert on ledger_entries deferrable initially deferred
  for each row execute function ledger_transaction_balances();

-- ── In and out ──────────────────────────────────────────────────────────────────────────────────
create table webhook_events (
  id text primary key,
  tenant_id text not null references tenants,
  livemode boolean not null,
  connection_id text not null references payment_gateway_connections,
  provider_event_id text not null,
  type text not null,
  object_id text,
  provider_created_at timestamptz not null,
  payload_sealed text not null,
  headers jsonb not null,
  status text not null check (status in ('received', 'signalled', 'applied', 'ignored', 'unmatched', 'failed')),
  order_id text,
  workflow_id text,
  attempts integer not null default 0,
  next_attempt_at timestamptz,
  last_error text,
  received_at timestamptz not null,
  applied_at timestamptz,
  unique (connection_id, provider_event_id)
);
create index webhook_events_page on webhook_events (tenant_id, livemode, id);
create index webhook_events_order on webhook_events (order_id) where order_id is not null;
create index webhook_events_open on webhook_events (next_attempt_at) where status in ('received', 'signalled', 'unmatched');

create table outbox (
  id bigint generated always as identity primary key,
  tenant_id text not null references tenants,
  livemode boolean not null,
  kind text not null check (kind in ('mail')),
  template text not null,
  subject_id text not null,
  data jsonb not null,
  dedupe_key text not null unique,
  status text not null check (status in ('pending', 'sending', 'sent', 'failed')),
  attempts integer not null default 0,
  next_attempt_at timestamptz not null,
  message_id text,
  possible_duplicate boolean not null default false,
  last_error text,
  created_at timestamptz not null,
  sent_at timestamptz
);
create index outbox_page on outbox (tenant_id, livemode, id);
create index outbox_failed on outbox (tenant_id, livemode, id) where status = 'failed';
create index outbox_due on outbox (next_attempt_at, id) where status in ('pending', 'sending');
create index outbox_subject on outbox (subject_id);

-- ── Isolation ───────────────────────────────────────────────────────────────────────────────────
-- One call per tenant table. The application role sees the current tenant and mode only; the owner role,
-- under which the named functions below run, is let through by a policy of its own.
create function protect_table(target regclass, privileges text) returns void language plpgsql as $$
declare has_mode boolean;
begin
  select exists (select 1 from pg_attribute where attrelid = target and attname = 'livemode' and not attisdropped) into has_mode;
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('create policy tenant on %s to perdura_app using (%s) with check (%s)', target,
    case when has_mode then 'tenant_id = perdura_tenant() and livemode = perdura_livemode()' else 'id = perdura_tenant()' end,
    case when has_mode then 'tenant_id = perdura_tenant() and livemode = perdura_livemode()' else 'id = perdura_tenant()' end);
  execute format('create policy owner on %s to perdura_owner using (true) with check (true)', target);
  execute format('grant %s on %s to perdura_app', privileges, target);
end $$;
revoke execute on function protect_table(regclass, text) from public;

select protect_table('tenants', 'select, update');
select protect_table(name::regclass, 'select, insert, update, delete') from unnest(array[
  'api_keys', 'products', 'variants', 'prices', 'customers', 'customer_addresses', 'customer_payment_methods',
  'locations', 'payment_gateway_connections']) name;
select protect_table(name::regclass, 'select, insert, update') from unnest(array[
  'order_counters', 'intake_commands', 'stock_levels', 'orders', 'order_lines', 'order_payments', 'stock_reservations',
  'order_shipments', 'order_refunds', 'webhook_events', 'outbox']) name;
-- What happened is not rewritten: these can only be read and added to.
select protect_table(name::regclass, 'select, insert') from unnest(array[
  'stock_adjustments', 'order_events', 'ledger_transactions', 'ledger_entries']) name;

-- ── What has no tenant yet ──────────────────────────────────────────────────────────────────────
-- Named security-definer functions, each with its reason.

-- A request carries only its key: this finds the tenant.
create function find_api_key(key_hash text)
returns table (id text, tenant_id text, livemode boolean, kind text, scopes text[], expires_at timestamptz, revoked_at timestamptz, settings jsonb)
language sql stable security definer set search_path = pg_catalog, public as $$
  select k.id, k.tenant_id, k.livemode, k.kind, k.scopes, k.expires_at, k.revoked_at, t.settings
  from public.api_keys k join public.tenants t on t.id = k.tenant_id where k.hash = key_hash
$$;

-- A webhook's URL carries only its connection: this finds whose it is and how it is verified.
create function find_payment_connection(connection_id text)
returns table (id text, tenant_id text, livemode boolean, provider text, webhook_secrets_sealed text, status text)
language sql stable security definer set search_path = pg_catalog, public as $$
  select c.id, c.tenant_id, c.livemode, c.provider, c.webhook_secrets_sealed, c.status
  from public.payment_gateway_connections c where c.id = connection_id
$$;

-- The sweeper looks over all tenants for commands that were taken in but may never have reached their workflow.
-- Page by page: a command that can't be delivered yet must not hold up those behind it.
create function undelivered_commands(older_than timestamptz, later_than timestamptz, at_most integer)
returns setof intake_commands language sql stable security definer set search_path = pg_catalog, public as $$
  select * from public.intake_commands where delivered_at is null and created_at < older_than and created_at > later_than
  order by created_at limit at_most
$$;

-- The sweeper looks over all tenants for provider events that are not applied yet.
create function open_webhook_events(due_before timestamptz, at_most integer)
returns table (id text, tenant_id text, livemode boolean) language sql stable security definer set search_path = pg_catalog, public as $$
  select e.id, e.tenant_id, e.livemode from public.webhook_events e
  where e.status in ('received', 'signalled', 'unmatched') and e.next_attempt_at < due_before order by e.next_attempt_at limit at_most
$$;

-- The dispatcher takes a batch over all tenants; a row left in 'sending' past its lease is taken again.
create function claim_outbox(due_at timestamptz, lease_until timestamptz, at_most integer)
returns setof outbox language sql volatile security definer set search_path = pg_catalog, public as $$
  update public.outbox o set status = 'sending', attempts = o.attempts + 1, next_attempt_at = lease_until,
    possible_duplicate = o.possible_duplicate or o.status = 'sending'
  where o.id in (
    select id from public.outbox where status in ('pending', 'sending') and next_attempt_at <= due_at
    order by next_attempt_at, id limit at_most for update skip locked)
  returning o.*
$$;

-- While it works on a batch, the dispatcher keeps its rows; one that has lost some learns which.
create function renew_outbox(ids bigint[], fences integer[], lease_until timestamptz)
returns setof bigint language sql volatile security definer set search_path = pg_catalog, public as $$
  update public.outbox o set next_attempt_at = lease_until
  from unnest(ids, fences) as v(id, fence)
  where o.id = v.id and o.status = 'sending' and o.attempts = v.fence
  returning o.id
$$;

revoke execute on all functions in schema public from public;
grant execute on function perdura_tenant(), perdura_livemode(), ledger_transaction_balances(), find_api_key(text), find_payment_connection(text),
  undelivered_commands(timestamptz, timestamptz, integer), open_webhook_events(timestamptz, integer),
  claim_outbox(timestamptz, timestamptz, integer), renew_outbox(bigint[], integer[], timestamptz) to perdura_app;
