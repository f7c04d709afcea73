import { defineConfig } from 'vitest/config';

const full = process.env['BITWRIGHT_FULL'] === '1';

export default defineConfig({
  test: {
    include: full ? ['src/**/*.test.ts', 'src/**/*.full.ts'] : ['src/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: full ? 600_000 : 60_000,
    hookTimeout: 120_000,
    reporters: process.env['CI'] ? ['default', './scripts/ci-reporter.mjs'] : ['default'],
  },
});
