import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { orderRoutes } from './orders/index.ts';

/** Every resource under /api. One list, in the order of the documentation; each plugin names its own paths. */
export const apiRoutes: FastifyPluginAsyncTypebox = async (app) => {
  await app.register(orderRoutes);
};
