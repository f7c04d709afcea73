// Batches without holding them, and who judges a loss.

import { expect, test } from 'vitest';
import { noise } from '../model/networks.fixture.ts';
import { Batches } from './batches.ts';
import { requireNBits } from './export/index.ts';
import { agreementJudge, lossOf, within } from './judge.ts';
import { smallBatches, smallNetwork } from './network.fixture.ts';

test('batches are made anew at each pass, and a slice stops the pass at its end', async () => {
  let made = 0;
  const batches = new Batches(function* () {
    for (let i = 0; i < 6; i++) {
      made++;
      yield { x: noise([1, 2, 6, 6], i) };
    }
  });
  expect(await batches.count()).toBe(6);
  made = 0;
  const part = batches.slice(1, 3);
  const first = await part.take(5);
  expect(first.length).toBe(2);
  expect(made).toBe(3);
  expect(first[0]!['x']!.data).toEqual(noise([1, 2, 6, 6], 1).data);
  expect(await part.slice(1).count()).toBe(1);
  expect(await batches.slice(4, 4).count()).toBe(0);
});

test('a loss is weighed with its standard error', async () => {
  expect(lossOf([1, 0, 0, 0])).toEqual({ drop: 25, error: 25 });
  expect(lossOf([1, -1, 0, 0]).drop).toBe(0);
  expect(within({ drop: 0.6, error: 0.4 }, 1)).toBe(true);
  expect(within({ drop: 0.6, error: 0.5 }, 1)).toBe(false);
  const batches = Batches.from(smallBatches(10));
  const judge = agreementJudge(smallNetwork(), batches);
  expect(await judge(smallNetwork())).toEqual({ drop: 0, error: 0 });
  const loss = await judge(smallNetwork(2));
  expect(loss.drop).toBeGreaterThan(0);
  expect(loss.error).toBeGreaterThan(0);
});

test('MatMulNBits is refused before the work when no weight can take it', () => {
  expect(() => requireNBits(smallNetwork(), { weights: 'int4@channel' })).toThrow(/applies to no layer/);
  expect(() => requireNBits(smallNetwork(), { weights: 'int4@v16', keep: ['*'] })).toThrow(/no layer/);
});
