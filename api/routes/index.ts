import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { apiKeyRoutes } from './api-keys/index.ts';
import { connectionRoutes } from './connections/index.ts';
import { customerRoutes } from './customers/index.ts';
import { ledgerRoutes } from './ledger/index.ts';
import { locationRoutes } from './locations/index.ts';
import { mailRoutes } from './mails/index.ts';
import { orderRoutes } from './orders/index.ts';
import { productRoutes } from './products/index.ts';
import { stockRoutes } from './stock/index.ts';
import { webhookEventRoutes } from './webhook-events/index.ts';

/** Every resource under /api. One list, in the order of the documentation; each plugin names its own paths. */
export const apiRoutes: FastifyPluginAsyncTypebox = async (app) => {
  await app.register(orderRoutes);
  await app.register(productRoutes);
  await app.register(customerRoutes);
  await app.register(locationRoutes);
  await app.register(stockRoutes);
  await app.register(connectionRoutes);
  await app.register(webhookEventRoutes);
  await app.register(ledgerRoutes);
  await app.register(mailRoutes);
  await app.register(apiKeyRoutes);
};
