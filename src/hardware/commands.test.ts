// bitwright rtl and bitwright equivalence as a user runs them: files, exit codes, one-line errors.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'rtl-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...words: string[]): { code: number; out: string; error: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { code: status ?? -1, out: stdout, error: stderr };
}

test('a unit is written, checked, broken, and found out', () => {
  const words = ['vector-mac', '--format', '3/3/-/2', '--vector', '2', '--depth', '4'];
  const made = JSON.parse(run('rtl', ...words, '-o', 'unit', '--vectors', '50', '--json').out);
  expect(made).toMatchObject({
    schema: 'bitwright/rtl@1',
    unit: 'vector-mac',
    latency: 3,
    directory: 'unit',
  });
  expect(readdirSync(join(folder, 'unit')).sort()).toEqual([...made.files, 'manifest.json'].sort());
  expect(readFileSync(join(folder, 'unit', `${made.name}_in.hex`), 'utf8').split('\n')).toHaveLength(51);
  const checked = run('equivalence', 'unit', '--vectors', '5000', '--json');
  expect(checked.code).toBe(0);
  expect(JSON.parse(checked.out)).toMatchObject({ verdict: 'equivalent', proof: { verdict: 'proved' } });
  const path = join(folder, 'unit', `${made.name}.v`);
  writeFileSync(path, readFileSync(path, 'utf8').replace("acc_fresh <= 1'b1", "acc_fresh <= 1'b0"));
  const told = run('equivalence', 'unit', '--vectors', '5000', '--no-native');
  expect(told.code).toBe(1);
  expect(told.out).toMatch(/^different: .*\n.*\noutput 0 of a trace: acc is -?\d+, not -?\d+\n {2}in {2}\{/);
}, 180_000);

test('without a unit, or with an unknown one, the units are listed with their parameters', () => {
  const listed = run('rtl');
  expect([listed.code, listed.error]).toEqual([0, '']);
  expect(listed.out).toMatch(
    /^vector-mac: dot product .*\n {2}--format <format> +W\/A\/ws\/as.* \(default: 4\/4\/4\/6\)\n/,
  );
  expect(listed.out).toMatch(
    /\nppu: .*\n(.*\n)* {2}--set multiplierBits=… +bits of the coarse scale \(default: 8\)\n/,
  );
  const { units } = JSON.parse(run('rtl', '--json').out);
  expect(units).toHaveLength(12);
  expect(units[1].parameters[2]).toEqual({
    ...{ name: 'inputBits', option: '--input-bits <n>', text: 'bits of an accumulator that comes in' },
    default: 24,
  });
  const unknown = run('rtl', 'ppv');
  expect([unknown.code, unknown.out]).toEqual([2, listed.out]);
  expect(unknown.error).toMatch(/^bitwright: unknown unit 'ppv'.*did you mean 'ppu'\?\n$/);
});

test('the help of a unit tells its own parameters and no others', () => {
  for (const command of ['rtl', 'cost']) {
    const { code, out } = run(command, 'fp-mac', '--help');
    expect(code).toBe(0);
    expect(out).toMatch(/\nfp-mac: dot product .*\n {2}--format <format> .*\n {2}--set accumulate=… /);
    expect(out).not.toContain('--full-range');
    expect(run(command, '--help').out).toContain('--full-range');
  }
});

test('mistakes are one line and exit codes tell whose they are', () => {
  const bad: [string[], number, RegExp][] = [
    [['rtl', 'vector-mca', '-o', 'x'], 2, /unknown unit 'vector-mca'.*did you mean 'vector-mac'/],
    [
      ['rtl', 'lns-mac', '--vector', '8', '-o', 'x'],
      2,
      /unknown parameter of lns-mac 'vector'; expected one of format/,
    ],
    [['rtl', 'vector-mac'], 2, /no folder to write; expected -o DIR/],
    [
      ['rtl', 'vector-mac', '--format', 'fp8e4m3@tensor,int4@tensor', '-o', 'x'],
      2,
      /cannot take the weight format/,
    ],
    [['rtl', 'ppu', '--format', '4/4/4/-', '-o', 'x'], 2, /cannot make the output format/],
    [['rtl', 'vector-mac', '--set', 'depth', '-o', 'x'], 2, /expected name=value/],
    [
      ['rtl', 'vector-mac', '--vector', '2', '--set', 'vector=3', '-o', 'x'],
      2,
      /'vector' is given twice: --vector 2 and --set vector=3; expected one of them/,
    ],
    [
      ['cost', 'vector-mac', '--set', 'depth=2', '--set', 'depth=3'],
      2,
      /'depth' is given twice: --set depth=2 and --set depth=3/,
    ],
    [['rtl', 'vector-mac', '--set', 'depth=2,depth=3', '-o', 'x'], 2, /'depth' is given twice in 'depth=2,/],
    [['equivalence', 'nowhere'], 3, /cannot read \(ENOENT\); expected a folder written by bitwright rtl/],
  ];
  for (const [words, code, message] of bad) {
    const result = run(...words);
    expect([words, result.code]).toEqual([words, code]);
    expect(result.error).toMatch(message);
    expect(result.error.trim().split('\n')).toHaveLength(1);
  }
}, 180_000);
