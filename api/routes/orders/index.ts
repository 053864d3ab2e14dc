import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { changeOrderRoute } from './change-order.ts';
import { orderCommandRoutes } from './command-routes.ts';
import { orderInputs } from './inputs.ts';
import { placeOrderRoute } from './place-route.ts';
import { readOrderRoutes } from './read-routes.ts';
import { orderSchemas } from './schemas.ts';
import { TimelineEntry } from './timeline.ts';

/** Orders: placing and every other command go to the order's workflow, reading goes to its rows. */
export const orderRoutes: FastifyPluginAsyncTypebox = async (app) => {
  for (const schema of [...orderSchemas, ...orderInputs, TimelineEntry]) app.addSchema(schema);
  await app.register(placeOrderRoute);
  await app.register(readOrderRoutes);
  await app.register(changeOrderRoute);
  await app.register(orderCommandRoutes);
};
