import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';

/** How often each statement ran, most frequent first; literals and lists are taken out of the texts. */
export interface StatementCounts {
  total: number;
  transactions: number;
  /** Which program sent it is not told apart: the API and the worker are one application to Postgres. */
  byText: { text: string; count: number }[];
}

/** Has Postgres log every statement while `work` runs, and counts them. It slows the work: time nothing with it. */
export async function countStatements(sql: Client, logFile: string, work: () => Promise<void>): Promise<StatementCounts> {
  await set(sql, `log_statement = 'all'`);
  const before = (await readFile(logFile, 'utf8')).length;
  try {
    await work();
  } finally {
    await set(sql, `log_statement = 'none'`);
  }
  const texts = parse((await readFile(logFile, 'utf8')).slice(before)).filter((text) => !/log_statement|^bench:/.test(text));
  const groups = [...Map.groupBy(texts, (text) => text)].map(([text, all]) => ({ text, count: all.length }));
  return {
    total: texts.length,
    transactions: texts.filter((text) => text.startsWith('begin')).length,
    byText: groups.sort((a, b) => b.count - a.count),
  };
}

async function set(sql: Client, setting: string): Promise<void> {
  await sql.query(`alter system set ${setting}`);
  await sql.query('select pg_reload_conf()');
  // Backends read the configuration between two statements, after the postmaster has told them.
  await pause(300);
}

/** Statements of a Postgres log; a statement of several lines continues with a tab. */
function parse(log: string): string[] {
  const joined = log.replace(/\n\t/g, ' ');
  return [...joined.matchAll(/LOG: {2}(?:execute [^:]*|statement): (.*)/g)].map(([, text]) =>
    text!.replace(/\s+/g, ' ').replace(/'[^']*'/g, "'?'").replace(/\$\d+/g, '$').replace(/(\(?\$(?:::\w+(?:\[\])?)?(?:, \$(?:::\w+(?:\[\])?)?)+\)?(?:, )?)+/g, '$…').trim(),
  );
}
