/** The objects as they are kept: what the API answers, with references unexpanded. */
export type * from './types/base.ts';
export type * from './types/intents.ts';
export type * from './types/money.ts';
export type * from './types/events.ts';
