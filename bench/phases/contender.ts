/** Whoever takes orders: the shop through its HTTP API, or the do-nothing twin. Every call throws unless it succeeded. */
export interface Contender {
  name: 'perdura' | 'twin';
  /** Answers the id of what was placed. */
  place(): Promise<string>;
  ship(id: string): Promise<void>;
  deliver(id: string): Promise<void>;
}
