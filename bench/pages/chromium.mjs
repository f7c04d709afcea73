// Where a Chromium is: BITWRIGHT_CHROMIUM, or one of the usual names on PATH. Downloads nothing.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Path of an executable, or undefined. */
export function findChromium() {
  const given = process.env.BITWRIGHT_CHROMIUM;
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];
  const places = (process.env.PATH ?? '').split(delimiter).flatMap(dir => names.map(name => join(dir, name)));
  return [...(given === undefined ? [] : [given]), ...places].find(path => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
