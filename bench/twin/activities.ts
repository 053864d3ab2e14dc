import { filler } from './messages.ts';

/** What an activity of the twin is given: bytes to carry, and how many to answer with. */
export interface TwinRequest {
  data: string;
  answer: number;
}

export type TwinActivity = (request: TwinRequest) => Promise<string>;

/** Stand for the row work of an order. */
export interface TwinRows {
  openOrder: TwinActivity;
  saveOrder: TwinActivity;
}

/** Stand for the calls to the provider. */
export interface TwinProvider {
  authorizePayment: TwinActivity;
  capturePayment: TwinActivity;
}

const answer: TwinActivity = ({ answer: bytes }) => Promise.resolve(filler(bytes));

export const twinRows: TwinRows = { openOrder: answer, saveOrder: answer };
export const twinProvider: TwinProvider = { authorizePayment: answer, capturePayment: answer };
