import { writeFile } from 'node:fs/promises';
import { orderDiagram } from './parts/order-diagram.ts';

/** Writes docs/order-states.mmd from the transition table: run it when the table changes. */
await writeFile(new URL('../docs/order-states.mmd', import.meta.url), orderDiagram());
