import cookie from '@fastify/cookie';
import type { FastifyInstance } from 'fastify';
import { cookieSecret } from '../routes/admin/session.ts';

/** Signed cookies for the operators' session; the API itself uses none. */
export async function registerCookies(app: FastifyInstance): Promise<void> {
  await app.register(cookie, { secret: cookieSecret(app.keyRing) });
}
