// Rooms stand on floors: a file of src/ROOM imports from rooms further down only, and no two rooms lean on each other.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** What the product's files of each room may import, every room below those it may import from. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  kernels: ['core'],
  native: ['core'],
  format: ['core', 'kernels'],
  netlist: ['core', 'kernels'],
  report: ['core'],
  model: ['core'],
  demo: ['core', 'kernels', 'model'],
  quantize: ['core', 'demo', 'format', 'kernels', 'model', 'report'],
  synthesis: ['core', 'native', 'netlist'],
  engines: ['core', 'native', 'netlist', 'synthesis'],
  reason: ['core', 'kernels', 'netlist', 'report'],
  hardware: [
    ...['core', 'demo', 'engines', 'format', 'model', 'native', 'netlist', 'quantize', 'report', 'synthesis'],
  ],
  verify: ['core', 'engines', 'hardware', 'native', 'netlist', 'report', 'synthesis'],
};

type Kind = 'product' | 'test';

interface RoomImport {
  kind: Kind;
  file: string;
  from: string;
  to: string;
}

const root = fileURLToPath(new URL('.', import.meta.url));

/** Imports that cross from one room to another; fixtures and tests are no product. */
function roomImports(): RoomImport[] {
  const found: RoomImport[] = [];
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const file = name.split(sep).join('/');
    const kind = /\.(test|full|fixture)\.ts$/.test(file) ? 'test' : 'product';
    const text = readFileSync(join(root, name), 'utf8');
    for (const [, path] of text.matchAll(/\b(?:from|import)[\s(]*'(\.[^']+)'/g)) {
      const target = relative(root, join(root, dirname(name), path!)).split(sep);
      const from = file.split('/')[0]!;
      const to = target[0]!;
      if (target.length > 1 && to !== from && to !== '..') found.push({ kind, file, from, to });
    }
  }
  return found;
}

/** A way round that ends where it begins, or undefined. */
function cycle(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>();
  const walk = (room: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(room)) return [...path.slice(path.indexOf(room)), room];
    if (done.has(room)) return undefined;
    for (const next of edges.get(room) ?? []) {
      const found = walk(next, [...path, room]);
      if (found !== undefined) return found;
    }
    done.add(room);
    return undefined;
  };
  for (const room of edges.keys()) {
    const found = walk(room, []);
    if (found !== undefined) return found;
  }
  return undefined;
}

function graphOf(imports: readonly RoomImport[]): Map<string, Set<string>> {
  const edges = new Map<string, Set<string>>();
  for (const { from, to } of imports) edges.set(from, (edges.get(from) ?? new Set()).add(to));
  return edges;
}

const imports = roomImports();

test('a cycle is seen, with its way round', () => {
  const edges = new Map([
    ['a', new Set(['b', 'c'])],
    ['b', new Set(['d'])],
    ['c', new Set(['d'])],
    ['d', new Set<string>()],
  ]);
  expect(cycle(edges)).toBeUndefined();
  edges.get('d')!.add('c');
  expect(cycle(edges)).toEqual(['d', 'c', 'd']);
});

test('no two rooms import from each other, by whatever way round; tests and fixtures counted', () => {
  expect(graphOf(imports).size).toBeGreaterThan(10);
  expect(cycle(graphOf(imports))?.join(' imports from ')).toBeUndefined();
});

test('the product imports what its room may import; nothing imports from the command line', () => {
  const wrong = imports.filter(
    ({ kind, from, to }) =>
      to === 'cli' || (kind === 'product' && from !== 'cli' && !mayImport[from]?.includes(to)),
  );
  expect(wrong.map(({ file, to }) => `${file} imports from ${to}`)).toEqual([]);
});

test('every permission is used and every room named', () => {
  const product = graphOf(imports.filter(i => i.kind === 'product' && i.from !== 'cli'));
  const plain = (edges: Iterable<readonly [string, Iterable<string>]>) =>
    Object.fromEntries(
      Array.from(edges, ([room, to]) => [room, [...to].sort()] as const).filter(e => e[1].length > 0),
    );
  expect(plain(product)).toEqual(plain(Object.entries(mayImport)));
});
