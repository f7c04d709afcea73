// A broken or a slow installation judges nothing, and a line says why.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { simulateNatively } from './simulation.ts';

const scratch = mkdtempSync(join(tmpdir(), 'bitwright-simulation-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('an installation that cannot build anything is told in one line and judges nothing', async () => {
  const bin = join(scratch, 'bin');
  mkdirSync(bin);
  const fake = join(bin, 'iverilog');
  const script =
    '#!/bin/sh\n[ "$1" = -V ] && { echo "Icarus 11.0"; exit 0; }\necho "ivl: No such file" >&2; exit 1\n';
  writeFileSync(fake, script);
  chmodSync(fake, 0o755);
  const results = await simulateNatively(scratch, 'x_tb', ['x.v'], {
    path: `${bin}:/bin`,
    simulators: ['iverilog'],
  });
  expect(results).toMatchObject([
    {
      simulator: 'iverilog',
      verdict: 'unavailable',
      output: 'iverilog is installed but does not work: ivl: No such file',
    },
  ]);
});

test('a build that does not end in time is no verdict', async () => {
  const bin = join(scratch, 'slow');
  mkdirSync(bin);
  const fake = join(bin, 'iverilog');
  writeFileSync(fake, '#!/bin/sh\n[ "$1" = -V ] && { echo "Icarus 11.0"; exit 0; }\nsleep 20\n');
  chmodSync(fake, 0o755);
  const path = `${bin}:/usr/bin:/bin`;
  const [result] = await simulateNatively(scratch, 'x_tb', ['x.v'], {
    ...{ path, simulators: ['iverilog'], timeoutSeconds: 1 },
  });
  expect(result).toMatchObject({
    verdict: 'unavailable',
    output: 'iverilog did not build the test bench within 1 s',
  });
});
