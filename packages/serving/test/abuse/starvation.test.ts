import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { requestText } from './support/connection.ts'
import { readBody, sendAll } from './support/load.ts'
import { startServer } from './support/serving-process.ts'
import { watch } from './support/watch.ts'

test.each(['memory', 'lmdb'] as const)(
  'large reads of one key leave time for health and for the small reads of another (%s)',
  async (store) => {
    await using server = await startServer({ store })
    const large = requestText('POST', '/v1/features/large', { key: 'greedy', body: readBody(500) })
    const start = performance.now()
    await sendAll(server.port, 2, 1, () => large)
    const alone = (performance.now() - start) / 2
    const { result, during, failedProbes } = await watch(
      `64 lanes of 100,000 values each, ${store}`,
      server,
      async () => {
        const end = performance.now() + 4000
        const small: { readonly status: number; readonly ms: number }[] = []
        const other = async (): Promise<void> => {
          while (performance.now() < end) {
            const start = performance.now()
            const { status } = await server.ask('POST', '/v1/features/small', { key: 'other', body: readBody(1) })
            small.push({ status, ms: performance.now() - start })
            await sleep(20)
          }
        }
        const greedy = Promise.all(
          Array.from({ length: 64 }, async () => {
            const seen: ReadonlyMap<number, number>[] = []
            // A refused client waits a moment, so that not only refusals are measured.
            while (performance.now() < end) {
              const statuses = await sendAll(server.port, 1, 1, () => large)
              seen.push(statuses)
              if (!statuses.has(200)) await sleep(50)
            }
            return seen
          }),
        )
        await Promise.all([other(), other()])
        const seen = (await greedy).flat()
        return { small, large: seen.filter((statuses) => statuses.has(200)).length, asked: seen.length }
      },
      { settleMs: 15_000 },
    )
    const slowest = Math.max(...result.small.map(({ ms }) => ms))
    console.log(
      `  a large read alone: ${Math.round(alone)} ms; ` +
        `small reads: ${result.small.length}, slowest ${Math.round(slowest)} ms; ` +
        `large reads: ${result.large} of ${result.asked} answered 200`,
    )
    expect(result.small.filter(({ status }) => status !== 200)).toEqual([])
    // A machine that is already slow without other requests may be slower now. 64 reads at once would take 64 times as long.
    expect(during.live).toBeLessThan(1000 + 5 * alone)
    expect(slowest).toBeLessThan(1000 + 5 * alone)
    expect(failedProbes).toBe(0)
    // With one step of a large read between two polls of the network, hundreds; with whole reads between them, a handful.
    expect(result.small.length).toBeGreaterThan(20)
    // Fairness to others must not stop the large reads.
    expect(result.large).toBeGreaterThan(0)
  },
  60_000,
)
