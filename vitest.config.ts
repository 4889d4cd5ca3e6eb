import { availableParallelism } from 'node:os'
import process from 'node:process'
import { defineConfig } from 'vitest/config'

const source = { conditions: ['@martlet/source'], externalConditions: ['@martlet/source'] }
const project = (folder: string, name: string) => ({
  extends: true as const,
  test: { name, root: folder, include: ['test/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 30_000 },
})

export default defineConfig({
  resolve: source,
  ssr: { resolve: source },
  test: {
    execArgv: ['--conditions=@martlet/source'],
    pool: 'forks',
    maxWorkers: Math.max(2, availableParallelism() - 1),
    globalSetup: [`${import.meta.dirname}/scripts/vitest-seed.ts`],
    setupFiles: [`${import.meta.dirname}/scripts/vitest-fast-check.ts`],
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: '.tmp/vitest.json' }]] : ['default'],
    projects: [
      ...['warehouse', 'feature-store', 'registry', 'drift', 'serving', 'cli'].map((name) => project(`packages/${name}`, name)),
      project('examples/energy', 'energy'),
    ],
  },
})
