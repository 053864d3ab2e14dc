import qs from 'qs';
import type { Hash } from './types.ts';

/** Reads a form body or a query with Stripe's brackets: `card[number]=…`, `expand[0]=…`, `types[]=…`. */
export const parseForm = (text: string): Hash =>
  text === '' ? {} : (qs.parse(text, { arrayLimit: 1000, depth: 12, parameterLimit: 5000 }) as Hash);
