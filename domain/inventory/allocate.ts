/** Free units of a SKU at a location (`on_hand − reserved`), with the location's rank: lower is preferred. */
export interface FreeStock {
  sku: string;
  locationId: string;
  available: number;
  priority: number;
}

export interface Allocation {
  sku: string;
  locationId: string;
  quantity: number;
}

export interface Short {
  sku: string;
  requested: number;
  available: number;
}

/**
 * Where an order's units come from. One location that has everything wins (one parcel), the preferred one first;
 * else each SKU is taken from the preferred locations in turn. All or nothing: what is short is named.
 */
export function allocateStock(
  wanted: readonly { sku: string; quantity: number }[],
  free: readonly FreeStock[],
): { ok: true; allocations: Allocation[] } | { ok: false; shortages: Short[] } {
  const ranked = [...free].sort((a, b) => a.priority - b.priority || (a.locationId < b.locationId ? -1 : 1));
  const shortages = wanted.flatMap(({ sku, quantity }) => {
    const available = ranked.filter((stock) => stock.sku === sku).reduce((sum, stock) => sum + Math.max(0, stock.available), 0);
    return available < quantity ? [{ sku, requested: quantity, available }] : [];
  });
  if (shortages.length > 0) return { ok: false, shortages };

  const single = [...new Set(ranked.map(({ locationId }) => locationId))].find((locationId) =>
    wanted.every(({ sku, quantity }) => ranked.some((stock) => stock.locationId === locationId && stock.sku === sku && stock.available >= quantity)),
  );
  if (single) return { ok: true, allocations: wanted.map(({ sku, quantity }) => ({ sku, locationId: single, quantity })) };

  const allocations: Allocation[] = [];
  for (const { sku, quantity } of wanted) {
    let open = quantity;
    for (const stock of ranked.filter((candidate) => candidate.sku === sku && candidate.available > 0)) {
      const take = Math.min(open, stock.available);
      if (take > 0) allocations.push({ sku, locationId: stock.locationId, quantity: take });
      open -= take;
    }
  }
  return { ok: true, allocations };
}
