// Names and configurations from anywhere: a result or one line, and no port in two channels.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InputError } from '../../core/errors.ts';
import { readConfig } from '../config.ts';
import { findChannels, type PortShape } from './channels.ts';

const stem = fc.constantFrom('in', 'out', 's_axis', 'a', 'in_a', 'i', 'o', '', 'req', 'M0_AXIS');
const word = fc.constantFrom(
  'valid',
  'ready',
  'data',
  'tvalid',
  'tready',
  'tdata',
  'tlast',
  'val',
  'rdy',
  'msg',
  'vld',
  'bits_x',
  'TVALID',
  'awvalid',
  'awready',
  'x',
);
const suffix = fc.constantFrom('', '_i', '_o', '_in', '_out', '0');

test('channels of any ports', () => {
  const port = fc.record({
    name: fc.tuple(stem, fc.constantFrom('_', ''), word, suffix).map(parts => parts.join('')),
    direction: fc.constantFrom('in' as const, 'out' as const),
    width: fc.integer({ min: 1, max: 6 }),
  });
  fc.assert(
    fc.property(fc.uniqueArray(port, { maxLength: 14, selector: p => p.name }), (ports: PortShape[]) => {
      let found: ReturnType<typeof findChannels>;
      try {
        found = findChannels(ports);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        return;
      }
      const taken = new Map<string, number>();
      for (const c of found.channels) {
        const refs = [c.valid, ...(c.ready === undefined ? [] : [c.ready]), ...c.payload];
        for (const ref of refs) {
          const of = ports.find(p => p.name === ref.port)!;
          expect(ref.lsb + ref.width).toBeLessThanOrEqual(of.width);
          const forward = of.direction === c.direction;
          expect(forward).toBe(ref !== c.ready);
          taken.set(ref.port, (taken.get(ref.port) ?? 0) + ref.width);
        }
      }
      // every bit of a port that is used is used once, and the rest is the rest
      for (const p of ports) expect(taken.get(p.name) ?? 0).toBe(found.rest.includes(p) ? 0 : p.width);
      expect(new Set(found.channels.map(c => c.name)).size).toBe(found.channels.length);
    }),
    { numRuns: 400, seed: 7 },
  );
});

test('any text as a configuration', () => {
  const line = fc.tuple(
    fc.constantFrom(
      'top',
      'clock',
      'reset',
      'channels',
      '  - name',
      '    valid',
      'inputs',
      'bound',
      'x',
      '  ',
    ),
    fc.constantFrom(': ', ':', ' ', ': [', ': {', ': &a ', ': *a'),
    fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('1', 'free', 'null', '"', ']')),
  );
  fc.assert(
    fc.property(
      fc.array(
        line.map(parts => parts.join('')),
        { maxLength: 6 },
      ),
      lines => {
        try {
          readConfig(lines.join('\n'), 'f.yaml');
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          expect((error as Error).message).not.toContain('\n');
        }
      },
    ),
    { numRuns: 400, seed: 8 },
  );
});
