// A picture of the top of a page for the documentation. Usage:
//   node bench/pages/picture.mjs PAGE.html PICTURE.png [WIDTH HEIGHT]
// Light, 1280 x 1000 unless told. Needs playwright-core and the Chromium that BITWRIGHT_CHROMIUM names or that is on PATH.

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { findChromium } from './chromium.mjs';

const [page, picture, width = '1280', height = '1000'] = process.argv.slice(2);
const executablePath = findChromium();
if (page === undefined || picture === undefined || executablePath === undefined) {
  console.error(
    executablePath === undefined ? 'no Chromium on PATH' : 'PAGE.html PICTURE.png [WIDTH HEIGHT]',
  );
  process.exit(2);
}
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const tab = await browser.newPage({
  viewport: { width: Number(width), height: Number(height) },
  colorScheme: 'light',
});
await tab.goto(pathToFileURL(resolve(page)).href);
await tab.screenshot({ path: picture });
await browser.close();
