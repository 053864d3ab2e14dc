import { runJest } from './parts/jest-run.ts';

/** `npm run jest -- <arguments>`: jest with the flags that ES modules need. */
process.exitCode = await runJest(process.argv.slice(2));
