import { existsSync } from 'node:fs';
import type { SearchAttribute } from './temporal.ts';

/** The one registry's attributes, for a server that must know them before the first workflow. */
export async function registeredSearchAttributes(): Promise<SearchAttribute[]> {
  const file = new URL('../../platform/search-attributes.ts', import.meta.url);
  if (!existsSync(file)) return [];
  const registry = (await import(file.href)) as { searchAttributeRegistry: SearchAttribute[] };
  return registry.searchAttributeRegistry.map(({ name, type }) => ({ name, type }));
}
