import { expect, test } from 'vitest'
import { startServer } from './support/serving-process.ts'
import type { NamedKey } from './support/settings.ts'
import { watch } from './support/watch.ts'

const patterns = ['*_eu_*_v*_x', '*a*a*a*a*a*b', '**********x']
const auth: readonly NamedKey[] = [
  { name: 'greedy', scopes: ['features:read', 'models:predict', 'catalog:read'], services: patterns, models: patterns },
  { name: 'scraper', scopes: ['metrics:read'] },
]

/** As long as the headers of a request may be, and such that a backtracking matcher tries every way to spread the stars. */
const names = ['_eu__v'.repeat(2500), `${'_eu_'.repeat(1875)}${'_v'.repeat(3750)}`, 'a'.repeat(15_000)]

const routes: readonly (readonly [method: string, path: (name: string) => string])[] = [
  ['POST', (name) => `/v1/features/${name}`],
  ['GET', (name) => `/v1/features/${name}`],
  ['POST', (name) => `/v1/models/${name}/predict`],
  ['GET', (name) => `/v1/catalog/services/${name}`],
  ['GET', (name) => `/v1/models/${name}`],
  ['GET', (name) => `/v1/models/${name}/versions/1`],
  ['GET', (name) => `/v1/models/${name}/aliases/champion/history`],
]

test('names made to keep a pattern busy are refused at once and block no one', async () => {
  await using server = await startServer({ auth })
  const { result, during, failedProbes } = await watch(
    'names of 15,000 characters against patterns of a key',
    server,
    async () => {
      const seen: { readonly status: number; readonly ms: number }[] = []
      for (const [method, path] of routes) {
        for (const name of names) {
          const start = performance.now()
          // Rejects after 20 s, so that the test does not wait for a dead server.
          const { status } = await server.ask(method, path(name), {
            key: 'greedy',
            ...(method === 'POST' ? { body: '{}' } : {}),
          })
          seen.push({ status, ms: performance.now() - start })
        }
      }
      return seen
    },
  )
  const slowest = Math.max(...result.map(({ ms }) => ms))
  console.log(`  slowest refusal ${Math.round(slowest)} ms`)
  expect(result.map(({ status }) => status).filter((status) => ![400, 403, 404, 414, 431].includes(status))).toEqual([])
  expect(slowest).toBeLessThan(1000)
  expect(during.live).toBeLessThan(1000)
  expect(failedProbes).toBe(0)
}, 120_000)
