// Makes every HTML page the product can make and looks at each in a real browser, offline. Usage:
//   node bench/pages.mjs [--out DIR] [--only TEXT] [--slow] [--again]
// Each page is opened at 1280 and 400 px, light and dark: console errors, requests that leave the machine, horizontal
// overflow, colliding labels, contrast and names for screen readers are reported; pictures are kept in DIR. `--again`
// looks at pages made before, `--slow` adds the page of all examples. Exit 1 on a problem. Needs playwright-core and a
// Chromium (BITWRIGHT_CHROMIUM, or chromium/chrome on PATH); says so and exits 0 when there is none.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findChromium } from './pages/chromium.mjs';
import { problemsOfLabels, problemsOfPage } from './pages/look.mjs';
import { products } from './pages/products.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const option = name => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};
const out = resolve(option('--out') ?? 'bitwright-out/pages');
const only = option('--only');

const chromiumPath = findChromium();
const playwright = await import('playwright-core').catch(() => undefined);
if (chromiumPath === undefined || playwright === undefined) {
  console.log(`skipped: ${chromiumPath === undefined ? 'no Chromium on PATH' : 'no playwright-core'}`);
  process.exit(0);
}

mkdirSync(out, { recursive: true });
const run = args => {
  const done = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  // 1 is an answer (refuted), not a failure
  if (done.status === 0 || done.status === 1) return;
  throw new Error(`${args.join(' ')}: exit ${done.status}\n${done.stderr}`);
};
const chosen = products(out).filter(
  p =>
    (p.slow !== true || process.argv.includes('--slow') || only !== undefined) && p.name.includes(only ?? ''),
);
for (const product of chosen) {
  const folder = join(out, product.name);
  if (process.argv.includes('--again') && existsSync(join(folder, product.page))) continue;
  const start = performance.now();
  for (const args of product.before ?? []) run(['dist/cli/main.js', ...args]);
  run([
    ...(product.script ?? ['dist/cli/main.js', ...product.command]),
    '--out',
    folder,
    ...(product.script ? [] : ['--quiet']),
  ]);
  console.log(`made ${product.name} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

const browser = await playwright.chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
const rows = [];
for (const { name, page: file } of chosen) {
  for (const width of [1280, 400]) {
    for (const scheme of ['light', 'dark']) {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme: scheme,
        offline: true,
      });
      const page = await context.newPage();
      const problems = new Set();
      page.on(
        'console',
        m => ['error', 'warning'].includes(m.type()) && problems.add(`console: ${m.text()}`),
      );
      page.on('pageerror', error => problems.add(`script: ${error.message}`));
      page.on('request', r => /^(file|data):/.test(r.url()) || problems.add(`request: ${r.url()}`));
      await page.goto(pathToFileURL(join(out, name, file)).href);
      for (const p of await page.evaluate(problemsOfPage)) problems.add(p);
      for (const p of await page.evaluate(problemsOfLabels)) problems.add(p);
      await page.screenshot({ path: join(out, `${name}.${width}.${scheme}.png`), fullPage: true });
      // drawings are shown as pictures: their labels are seen when they stand alone
      const drawings =
        width === 1280 && scheme === 'light'
          ? await page.$$eval('.drawing img', list => list.map(i => i.src))
          : [];
      for (const source of drawings) {
        const text = Buffer.from(source.slice(source.indexOf(',') + 1), 'base64').toString('utf8');
        await page.setContent(`<!doctype html><title>drawing</title>${text}`);
        for (const p of await page.evaluate(problemsOfLabels)) problems.add(`drawing: ${p}`);
      }
      await context.close();
      rows.push({ page: name, width, scheme, problems: [...problems] });
    }
  }
}
const version = browser.version();
await browser.close();
writeFileSync(join(out, 'pages.json'), `${JSON.stringify({ browser: version, rows }, null, 2)}\n`);
const bad = rows.filter(r => r.problems.length > 0);
for (const r of bad) for (const p of r.problems) console.log(`${r.page} ${r.width} ${r.scheme}: ${p}`);
console.log(
  `${chosen.length} pages, ${rows.length} views, ${bad.length} with problems; Chromium ${version}; ${out}`,
);
process.exit(bad.length > 0 ? 1 : 0);
