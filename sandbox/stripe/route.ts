import type { ParamSpec, ParamsOf } from './params.ts';
import type { Scope } from './world.ts';

/** One request as a handler sees it. */
export interface Call<S extends ParamSpec> extends Scope {
  params: ParamsOf<S>;
  /** The `:name` members of the path. */
  path: Record<string, string>;
}

export interface Route<S extends ParamSpec> {
  method: 'GET' | 'POST' | 'DELETE';
  /** Below `/v1`. */
  path: string;
  params: S;
  /** Answers the object to render; throws StripeError. Runs in one transaction, synchronously. */
  handle: (call: Call<S>) => unknown;
}

/** A route with its parameter types forgotten, as the router keeps it. */
export type AnyRoute = Route<ParamSpec>;

/** Declares a route; its handler's parameters are typed by `params`. */
export const route = <const S extends ParamSpec>(declared: Route<S>): AnyRoute => declared as unknown as AnyRoute;
