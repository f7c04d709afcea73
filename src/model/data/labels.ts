// Labels beside the data: labels.npy (one class number a sample), labels.txt (one a line) or labels.csv (file, label).
// Refuses more than one of them, and class numbers that are not whole.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InputError } from '../../core/errors.ts';
import { toNumbers } from '../tensor.ts';
import { NpyFile } from './npy.ts';

export type Label = string | number;

export interface Labels {
  file: string;
  /** By place in the order of samples. */
  list?: readonly Label[] | undefined;
  /** By file name. */
  byFile?: ReadonlyMap<string, Label> | undefined;
}

export const labelFiles = ['labels.npy', 'labels.txt', 'labels.csv'] as const;

/** The labels of a folder; undefined when it has none. @throws InputError naming file and line */
export function readLabels(folder: string): Labels | undefined {
  const found = labelFiles.filter(name => existsSync(join(folder, name)));
  if (found.length > 1) {
    throw new InputError(`holds ${found.join(' and ')}`, { file: folder, expected: 'one file of labels' });
  }
  const [name] = found;
  if (name === undefined) return undefined;
  const file = join(folder, name);
  if (name === 'labels.npy') return { file, list: numbersOf(file) };
  if (statSync(file).size > 2 ** 28) throw new InputError('is larger than 256 MiB', { file });
  const lines = readFileSync(file, 'utf8')
    .replace(/^\ufeff/, '')
    .split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return name === 'labels.txt' ? { file, list: whole(lines) } : { file, byFile: table(lines, file) };
}

function numbersOf(file: string): number[] {
  const array = new NpyFile(file, 2 ** 28);
  try {
    const { dims } = array.header;
    if (dims.length !== 1) {
      throw new InputError(`has shape [${dims.join(',')}]`, { file, expected: 'one class number a sample' });
    }
    const numbers = toNumbers(array.read());
    const bad = numbers.findIndex(x => !Number.isInteger(x));
    if (bad >= 0) {
      throw new InputError(`element ${bad} is ${numbers[bad]}`, { file, expected: 'whole class numbers' });
    }
    return numbers;
  } finally {
    array.close();
  }
}

/** Numbers when every label is a whole number, else the texts. */
function whole(texts: readonly string[]): Label[] {
  return texts.every(t => /^\s*-?\d{1,15}\s*$/.test(t)) ? texts.map(Number) : [...texts];
}

function table(lines: readonly string[], file: string): Map<string, Label> {
  const rows = lines
    .map((text, i) => ({ cells: cellsOf(text), line: i + 1 }))
    .filter(r => r.cells.length > 0);
  if (rows[0] !== undefined && /^(file|name|image|filename|path)$/i.test(rows[0].cells[0]!)) rows.shift();
  for (const { cells, line } of rows) {
    if (cells.length !== 2) {
      throw new InputError(`has ${cells.length} cells`, { file, line, expected: 'file,label' });
    }
  }
  const labels = whole(rows.map(r => r.cells[1]!));
  const out = new Map<string, Label>();
  rows.forEach(({ cells, line }, i) => {
    const name = basename(cells[0]!);
    if (out.has(name)) throw new InputError(`labels '${name}' twice`, { file, line });
    out.set(name, labels[i]!);
  });
  return out;
}

/** Cells of one CSV line; quotes double inside quotes. */
function cellsOf(line: string): string[] {
  if (line.trim() === '') return [];
  const cells: string[] = [];
  const pattern = /\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)/y;
  while (pattern.lastIndex < line.length) {
    const match = pattern.exec(line);
    if (match === null) return [line];
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2]!.trim());
    if (pattern.lastIndex === line.length && !match[0].endsWith(',')) break;
  }
  if (line.endsWith(',')) cells.push('');
  return cells;
}
