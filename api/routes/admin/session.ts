import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Env } from '#platform/env.ts';
import type { KeyRing } from '#platform/keyring.ts';

const cookieName = 'perdura_admin';
const sessionSeconds = 12 * 3600;

/** The key that signs the session cookie: derived, so that there is no further secret to keep. */
export function cookieSecret(keyRing: KeyRing): string {
  return keyRing.blindIndex('cookie-signing', 'admin-session');
}

/** True when the bootstrap administrator is set up and these are its e-mail address and password. */
export function isAdmin(env: Env, email: string, password: string): boolean {
  const [wantedEmail, wantedPassword] = [env.ADMIN_EMAIL ?? '', env.ADMIN_PASSWORD ?? ''];
  // Both are always compared, by hashes of equal length: the time taken tells nothing.
  const sameEmail = equal(email.trim().toLowerCase(), wantedEmail.toLowerCase());
  const samePassword = equal(password, wantedPassword);
  return sameEmail && samePassword && wantedEmail !== '' && wantedPassword !== '';
}

/** Signs in: a signed cookie that scripts can't read and other sites can't send. */
export function openSession(reply: FastifyReply, env: Env): FastifyReply {
  const expires = Math.floor(Date.now() / 1000) + sessionSeconds;
  return reply.setCookie(cookieName, `${expires}.${credentialsMark(env)}`, {
    signed: true,
    httpOnly: true,
    sameSite: 'strict',
    secure: env.PUBLIC_URL.startsWith('https:'),
    path: '/',
    maxAge: sessionSeconds,
  });
}

export function closeSession(reply: FastifyReply): FastifyReply {
  return reply.clearCookie(cookieName, { path: '/' });
}

/** True for a request with a valid session. A changed password ends all sessions. */
export function hasSession(request: FastifyRequest, env: Env): boolean {
  const signed = request.cookies[cookieName];
  if (!signed || !env.ADMIN_EMAIL) return false;
  const { valid, value } = request.unsignCookie(signed);
  if (!valid || !value) return false;
  const [expires = '', mark = ''] = value.split('.');
  return Number(expires) > Date.now() / 1000 && equal(mark, credentialsMark(env));
}

function credentialsMark(env: Env): string {
  return createHash('sha256').update(`${env.ADMIN_EMAIL}\0${env.ADMIN_PASSWORD}`).digest('hex').slice(0, 16);
}

function equal(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
