/*
 * Imports packages, and writes down what the import has done besides. It runs in a folder where they are installed:
 *
 *   node import-probe.mjs <report> <specifier> [<specifier that is imported before, and not looked at>…]
 */
import { createHook } from 'node:async_hooks';
import { writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { performance } from 'node:perf_hooks';
import process from 'node:process';

const [reportFile = '', specifier = '', ...before] = process.argv.slice(2);

/** Properties that Node fills in when somebody first looks, or that warn when somebody looks. */
const NOT_TO_TOUCH = new Set(['localStorage', 'sessionStorage']);

/** All objects that a program can reach without importing anything, by the way that leads to them. */
function builtIns() {
  const found = new Map([[globalThis, 'globalThis']]);
  const waiting = [globalThis];
  const add = (value, path) => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || found.has(value))
      return;
    found.set(value, path);
    waiting.push(value);
  };
  const hidden = [
    function* () {},
    async function () {},
    async function* () {},
    [][Symbol.iterator](),
    new Map().entries(),
    new Set().values(),
    ''[Symbol.iterator](),
    'a'.matchAll(/a/g),
  ];
  hidden.forEach((value, index) => add(Object.getPrototypeOf(value), `%hidden ${index}%`));
  for (let object = waiting.shift(); object !== undefined; object = waiting.shift()) {
    const path = found.get(object);
    // The environment is watched by other means, and modules are what an import is meant to add.
    if (object === process.env || path.endsWith('.moduleLoadList')) continue;
    for (const key of Reflect.ownKeys(object)) {
      const { value, get, set } = Reflect.getOwnPropertyDescriptor(object, key);
      const below = `${path}.${String(key)}`;
      add(value, below);
      add(get, `${below} (get)`);
      add(set, `${below} (set)`);
    }
    add(Object.getPrototypeOf(object), `${path}.[[Prototype]]`);
  }
  return found;
}

/** What all built-in objects consist of. */
function snapshot(objects) {
  const parts = new Map();
  for (const [object, path] of objects) {
    if (object === process.env || path.endsWith('.moduleLoadList')) continue;
    parts.set(`${path}.[[Prototype]]`, { value: Object.getPrototypeOf(object) });
    for (const key of Reflect.ownKeys(object)) {
      parts.set(`${path}.${String(key)}`, Reflect.getOwnPropertyDescriptor(object, key));
    }
  }
  return parts;
}

function changes(earlier, later) {
  const changed = [];
  for (const [path, one] of earlier) {
    const other = later.get(path);
    if (other === undefined) changed.push(`${path} is gone`);
    else if (
      ['value', 'get', 'set', 'writable', 'enumerable', 'configurable'].some(
        (key) => !Object.is(one[key], other[key]),
      )
    ) {
      changed.push(`${path} has changed`);
    }
  }
  for (const path of later.keys()) if (!earlier.has(path)) changed.push(`${path} is new`);
  return changed;
}

function listeners() {
  return process.eventNames().map((name) => `${String(name)}: ${String(process.listenerCount(name))}`);
}

/** Watches who reads the environment. What Node itself reads while it loads modules does not count. */
function watchEnvironment(read) {
  const watched =
    (trap) =>
    (target, ...rest) => {
      const frames = (new Error('read').stack ?? '').split('\n').slice(2);
      const caller = frames.find((frame) => !frame.includes('<anonymous>')) ?? 'at an unknown place';
      if (!/\bnode:/.test(caller)) read(`${trap} ${String(rest[0] ?? '')} ${caller.trim()}`);
      return Reflect[trap](target, ...rest);
    };
  const traps = [
    'get',
    'has',
    'ownKeys',
    'getOwnPropertyDescriptor',
    'set',
    'deleteProperty',
    'defineProperty',
  ];
  process.env = new Proxy(process.env, Object.fromEntries(traps.map((trap) => [trap, watched(trap)])));
  syncBuiltinESMExports();
}

for (const name of before) await import(name);
for (const key of Reflect.ownKeys(globalThis)) if (!NOT_TO_TOUCH.has(key)) void globalThis[key];

const environment = [];
const resources = new Map();
watchEnvironment((line) => environment.push(line));
const objects = builtIns();
const earlier = snapshot(objects);
const listenersBefore = listeners();
const activeBefore = process.getActiveResourcesInfo();
const hook = createHook({
  init(_id, type) {
    resources.set(type, (resources.get(type) ?? 0) + 1);
  },
});
hook.enable();
const startedAt = performance.now();
const imported = await import(specifier);
const duration = performance.now() - startedAt;
hook.disable();
const report = {
  exports: Object.keys(imported).length,
  duration,
  environment,
  changes: changes(earlier, snapshot(objects)),
  listenersBefore,
  listeners: listeners(),
  activeBefore,
  active: process.getActiveResourcesInfo(),
  resources: [...resources.keys()],
};
writeFileSync(reportFile, JSON.stringify(report));
const finishedAt = performance.now();
process.once('exit', () => {
  writeFileSync(reportFile, JSON.stringify({ ...report, lingered: performance.now() - finishedAt }));
});
