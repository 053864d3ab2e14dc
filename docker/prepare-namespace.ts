import { searchAttributeRegistry } from '#domain/names/search-attributes.ts';
import { prepareNamespace } from '#scripts/parts/temporal.ts';

/** Makes the namespace, with 30 days of retention, and its search attributes, where they are missing. May run at every start. */
await prepareNamespace(process.env, searchAttributeRegistry);
