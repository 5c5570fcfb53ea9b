/**
 * Three projects: unit tests need nothing; broker tests find or start a Kafka broker, and share it one file after the
 * other; consumers tests install the packed packages, and need npm's registry.
 */
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  // `import 'rxweft'` in tests and examples means the sources here. The others are what Vite has by default.
  // A package under packages/ is no part of rxweft, so for it the name has to be said again.
  resolve: {
    alias: [
      { find: /^rxweft$/, replacement: join(import.meta.dirname, 'src/index.ts') },
      { find: /^rxweft\/extend$/, replacement: join(import.meta.dirname, 'src/extend.ts') },
    ],
  },
  ssr: { resolve: { conditions: ['rxweft-source', 'node', 'development|production'] } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
          exclude: ['**/*.broker.test.ts', '**/*.consumers.test.ts'],
          // Only against what hangs: a busy machine is no failure.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'consumers',
          include: ['test/consumers/*.consumers.test.ts'],
          globalSetup: 'test/consumers/globalSetup.ts',
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'broker',
          include: ['test/**/*.broker.test.ts', 'packages/*/test/**/*.broker.test.ts'],
          globalSetup: 'tools/broker/globalSetup.ts',
          fileParallelism: false,
          // In CI a real broker shares two cores with everything else. What fails twice more is a failure.
          retry: process.env.CI === 'true' ? 2 : 0,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
