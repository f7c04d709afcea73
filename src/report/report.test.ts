import fc from 'fast-check';
import { expect, test } from 'vitest';
import { safeHref, safeImage } from './html/elements.ts';
import {
  displayWidth,
  formatNumber,
  formatWithError,
  markDifferences,
  paretoFront,
  type Report,
  renderConsole,
  renderConsoleTable,
  renderHtml,
  renderJson,
  renderJunit,
} from './index.ts';
import { hostileText, sampleReport, smallReport } from './sample.fixture.ts';
import { makeScale } from './svg/axis.ts';
import { escapeXml, truncate } from './text.ts';

test('the sample report renders as it did', async () => {
  await expect(renderConsole(sampleReport, { width: 90, colour: false })).toMatchFileSnapshot(
    './golden/sample.golden.txt',
  );
  await expect(renderJunit(sampleReport)).toMatchFileSnapshot('./golden/sample.golden.junit.xml');
  await expect(renderHtml(smallReport)).toMatchFileSnapshot('./golden/small.golden.html');
});

test('numbers keep their figures', () => {
  expect(formatNumber(95.7)).toBe('95.7');
  expect(formatNumber(0.012345)).toBe('0.01235');
  expect(formatNumber(33554432)).toBe('33,554,432');
  expect(formatNumber(1234.5678, 1)).toBe('1,234.6');
  expect(formatNumber(1.5e-7)).toBe('1.50e-7');
  expect(formatNumber(Number.NaN)).toBe('–');
  expect(formatWithError(94.0625, 1.3214)).toBe('94.1 ± 1.3');
  expect(formatWithError(0.5, 0.0123)).toBe('0.500 ± 0.012');
});

test('widths count cells of a terminal', () => {
  expect(displayWidth('abc')).toBe(3);
  expect(displayWidth('日本')).toBe(4);
  expect(displayWidth('e\u0301')).toBe(1);
  expect(truncate('日本語', 4)).toBe('日…');
});

test('console tables are rectangular and fit the width, whatever the names', () => {
  const name = fc.string({ unit: 'binary', maxLength: 60 });
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.double()), { minLength: 1, maxLength: 8 }), rows => {
      const text = renderConsoleTable(
        {
          kind: 'table',
          columns: [
            { key: 'name', label: 'name' },
            { key: 'value', label: 'value', best: 'max' },
          ],
          rows: rows.map(([n, value]) => ({ name: `x${n}`, value })),
        },
        { width: 60, colour: false },
      );
      const lines = text.split('\n');
      expect(lines.length).toBeGreaterThanOrEqual(2 + rows.length);
      for (const line of lines) {
        expect(displayWidth(line)).toBeLessThanOrEqual(60);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: none may get through
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }
    }),
  );
});

test('colour appears only when asked for', () => {
  const table = {
    kind: 'table' as const,
    columns: [{ key: 'a', label: 'a', best: 'max' as const }],
    rows: [{ a: 1 }, { a: 2 }],
  };
  expect(renderConsoleTable(table, { colour: false })).not.toContain('\u001b');
  expect(renderConsoleTable(table, { colour: true })).toContain('\u001b[32m');
});

/** Every string of a report replaced by the same hostile text (kinds, keys and styles excepted). */
function poison(value: unknown, key = ''): unknown {
  if (typeof value === 'string') {
    const fixed = [
      'kind',
      'key',
      'scale',
      'mode',
      'level',
      'style',
      'tone',
      'status',
      'best',
      'align',
      'x',
      'y',
    ];
    return fixed.includes(key) || key === 'countScale' ? value : hostileText;
  }
  if (Array.isArray(value)) return value.map(item => poison(item, key));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, poison(v, k)]));
  return value;
}

test('hostile names stay text', () => {
  const report = poison(sampleReport) as Report;
  const html = renderHtml(report);
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(/<[^>]*\sonload=/.test(html.replace(/"[^"]*"/g, '""'))).toBe(false);
  expect(/\b(src|href)="(?!data:image\/|#)/.test(html)).toBe(false);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none may get through
  const forbidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]|[\ud800-\udbff](?![\udc00-\udfff])/;
  expect(forbidden.test(html)).toBe(false);
  const xml = renderJunit(report);
  expect(xml).not.toContain('<script');
  assertWellFormed(xml);
  expect(renderConsole(report, { width: 80, colour: false })).not.toContain('\u001b');
});

/** Tags balanced, attributes quoted, no bare `<` or `&`, no character XML 1.0 forbids. */
function assertWellFormed(xml: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none may get through
  expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
  const stack: string[] = [];
  const body = xml.replace(/^<\?xml [^?]*\?>\n/, '');
  const tag = /<(\/?)([a-z-]+)((?: [a-z]+="[^"<]*")*)(\/?)>/g;
  let at = 0;
  for (const match of body.matchAll(tag)) {
    const text = body.slice(at, match.index);
    expect(text).not.toMatch(/[<>]|&(?!(amp|lt|gt|quot|#39);)/);
    expect(match[3]).not.toMatch(/&(?!(amp|lt|gt|quot|#39);)/);
    if (match[1] === '/') expect(stack.pop()).toBe(match[2]);
    else if (match[4] !== '/') stack.push(match[2]!);
    at = match.index + match[0].length;
  }
  expect(body.slice(at)).toBe('\n');
  expect(stack).toEqual([]);
}

test('JUnit of any text is well-formed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      assertWellFormed(
        renderJunit([
          {
            kind: 'checks',
            suite: text,
            cases: [{ name: text, status: 'failed', message: text, details: text }],
          },
        ]),
      );
      expect(escapeXml(text)).not.toMatch(/[<>"']/);
    }),
  );
});

test('the page fetches nothing', () => {
  const html = renderHtml(sampleReport);
  const fetched = [...html.matchAll(/\b(?:src|xlink:href|srcset|poster)="([^"]*)"|url\(([^)]*)\)|@import/g)];
  for (const match of fetched) expect(match[1]).toMatch(/^data:image\//);
  expect(html).toContain("default-src 'none'");
  expect(html).not.toContain('javascript:');
});

test('only safe links and pictures', () => {
  expect(safeHref('https://a.b/c')).toBe('https://a.b/c');
  expect(safeHref('layers.html#a')).toBe('layers.html#a');
  for (const bad of [
    'javascript:alert(1)',
    ' JavaScript:x',
    'java\nscript:x',
    'data:text/html,x',
    '//evil',
    'vbscript:x',
    '\\\\host\\x',
  ])
    expect(safeHref(bad)).toBeUndefined();
  expect(safeImage('data:image/png;base64,AAAA')).toBeDefined();
  expect(safeImage('data:text/html;base64,AAAA')).toBeUndefined();
  expect(safeImage('data:image/png;base64,AA"onload=')).toBeUndefined();
});

test('JSON holds the model', () => {
  const parsed = JSON.parse(
    renderJson({
      title: 't',
      sections: [
        {
          title: 's',
          blocks: [
            {
              kind: 'histogram',
              axis: { label: 'x' },
              min: 0,
              max: 1,
              counts: new Float64Array([1, Number.NaN]),
            },
          ],
        },
      ],
    }),
  );
  expect(parsed.schema).toBe('bitwright/report@1');
  expect(parsed.sections[0].blocks[0].counts).toEqual([1, null]);
});

test('differences spell the truth and the text', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (truth, text) => {
      const spans = markDifferences(truth, text);
      expect(
        spans
          .filter(s => s.style !== 'missing')
          .map(s => s.text)
          .join(''),
      ).toBe(text);
      if (truth === text) expect(spans.every(s => s.style === undefined)).toBe(true);
      else expect(spans.some(s => s.style !== undefined)).toBe(true);
    }),
  );
});

test('the Pareto front is what nothing beats', () => {
  const point = fc.record({ x: fc.integer({ min: 0, max: 9 }), y: fc.integer({ min: 0, max: 9 }) });
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 30 }), points => {
      const front = paretoFront(points, { x: 'min', y: 'max' });
      for (const p of points) {
        const beaten = points.some(q => q.x <= p.x && q.y >= p.y && (q.x < p.x || q.y > p.y));
        expect(front.some(q => q.x === p.x && q.y === p.y)).toBe(!beaten);
      }
    }),
  );
});

test('tick labels are the numbers they stand at, also in steps of a quarter', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
      (low, size) => {
        const scale = makeScale({ label: 'x' }, [low, low + size], 0, 100);
        const step = scale.ticks.length > 1 ? scale.ticks[1]! - scale.ticks[0]! : 1;
        for (const tick of scale.ticks) {
          const text = scale.label(tick).replaceAll(',', '').replace('−', '-');
          const unit = { k: 1e3, M: 1e6, G: 1e9 }[text.at(-1)!] ?? 1;
          expect(Math.abs(Number.parseFloat(text) * unit - tick)).toBeLessThan(0.01 * step + 1e-9);
        }
      },
    ),
    { seed: 5, numRuns: 300 },
  );
  const quarters = makeScale({ label: 'bits', min: 3 }, [4.2, 4.46], 0, 100, { ticks: 7 });
  expect(quarters.ticks.map(t => quarters.label(t))).toContain('3.25');
});
