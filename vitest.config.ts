import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';
import { closingLine } from './test/support/closing-line.ts';

export default defineConfig({
  // As Node resolves it: else our sources get graphql's module build, and pothos and yoga another copy of it.
  resolve: { alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }] },
  test: {
    include: [
      'src/**/*.test.ts',
      'projections/**/*.test.ts',
      'schema/**/*.test.ts',
      'scripts/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', closingLine()],
    // Only what hangs meets these: a machine that does much else beside may take many times as long as a quiet one.
    testTimeout: 180_000,
    hookTimeout: 300_000,
    // More than the two cores that most machines of the build have: many tests wait for servers and clocks.
    maxWorkers: 3,
  },
});
