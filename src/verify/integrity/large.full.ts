// A FIFO of 64 words of 32 bits is proved within a minute.

import { expect, test } from 'vitest';
import { loadExample } from '../examples/load.ts';
import { bindStream, checkIntegrity } from './index.ts';

test('fifo 64 x 32', { timeout: 120_000 }, async () => {
  const { design, found } = await loadExample({
    file: 'fifo.sv',
    top: 'fifo',
    parameters: { DEPTH: 64, W: 32 },
  });
  const bound = bindStream(design, found);
  if (typeof bound === 'string') throw new Error(bound);
  const large = checkIntegrity(bound, { timeoutSeconds: 100 });
  expect([large.verdict, large.vacuous, large.states, large.capacity]).toEqual(['proved', false, 4160, 64]);
  expect(large.seconds).toBeLessThan(60);
});
