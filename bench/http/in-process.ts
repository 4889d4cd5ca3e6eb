/**
 * The same requests to this checkout and to another, without sockets, in one process and in turns of a few requests: what a shared
 * machine does to one side it does to the other. Prints the ratio of CPU time, this to other. Both read from memory stores.
 *
 * node --conditions=@martlet/source bench/http/in-process.ts <folder of the other checkout> [rounds]
 */
import { join, resolve } from 'node:path'

type App = { request(path: string, init: RequestInit): Response | Promise<Response> }

const [other = '', rounds = '60'] = process.argv.slice(2)

/** Each checkout with its own packages, so nothing is shared but the process. */
async function started(root: string): Promise<App> {
  const { services } = await import(join(root, 'bench/http/fixture.ts'))
  const { fixedCatalog, serving } = await import(join(root, 'packages/serving/src/index.ts'))
  const { openMemoryStore, publishRows } = await import(join(root, 'packages/feature-store/src/index.ts'))
  const { columnBatch } = await import(join(root, 'packages/warehouse/src/index.ts'))
  const online = openMemoryStore()
  const time = BigInt(Math.floor(Date.now() / 86_400_000)) * 86_400_000_000n
  const ids = Array.from({ length: 10_000 }, (_, row) => `customer-${String(row).padStart(6, '0')}`)
  for (const { view } of services.large.views) {
    const names: readonly string[] = view.features.map(({ name }: { readonly name: string }) => name)
    const value = (feature: number, row: number): number =>
      Math.abs(Math.sin(row * 12.9898 + feature * 78.233) * 43_758.5453) % 1
    const columns = names.map((name, feature) => [
      name,
      { type: 'double', values: ids.map((_, row) => value(feature, row)) },
    ])
    const batch = columnBatch({
      customer_id: { type: 'text', values: ids },
      feature_time: { type: 'timestamp', values: ids.map(() => time) },
      ...Object.fromEntries(columns),
    })
    await publishRows(
      online,
      view,
      (async function* () {
        yield batch
      })(),
    )
  }
  const app = serving({ catalog: fixedCatalog({ services: Object.values(services) }), online, auth: 'none' })
  await app.start()
  return app
}

function bodiesOf(rows: number): readonly string[] {
  const key = (index: number, row: number) => ({
    customer_id: `customer-${String((index * 7919 + row * 104_729) % 10_000).padStart(6, '0')}`,
  })
  return Array.from({ length: 200 }, (_, index) =>
    JSON.stringify({ keys: Array.from({ length: rows }, (_, row) => key(index, row)) }),
  )
}

const headers = { 'content-type': 'application/json' }

/** Microseconds of CPU for one request. */
async function run(app: App, path: string, bodies: readonly string[], from: number, count: number): Promise<number> {
  const begin = process.cpuUsage()
  for (let index = 0; index < count; index++) {
    await (
      await app.request(path, { method: 'POST', body: bodies[(from + index) % bodies.length] ?? '', headers })
    ).text()
  }
  const used = process.cpuUsage(begin)
  return (used.user + used.system) / count
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const ours = await started(resolve(import.meta.dirname, '../..'))
const theirs = await started(resolve(other))
for (const [service, rows, count] of [
  ['small', 1, 300],
  ['large', 100, 4],
] as const) {
  const bodies = bodiesOf(rows)
  const pairs: { readonly ours: number; readonly theirs: number }[] = []
  // The first ten rounds only warm up.
  for (let round = -10; round < Number(rounds); round++) {
    const ask = (app: App): Promise<number> => run(app, `/v1/features/${service}`, bodies, (round + 10) * count, count)
    const first = await ask(round % 2 === 0 ? ours : theirs)
    const second = await ask(round % 2 === 0 ? theirs : ours)
    if (round >= 0) pairs.push(round % 2 === 0 ? { ours: first, theirs: second } : { ours: second, theirs: first })
  }
  const [mine, before] = [median(pairs.map((pair) => pair.ours)), median(pairs.map((pair) => pair.theirs))]
  const ratio = median(pairs.map((pair) => pair.ours / pair.theirs))
  process.stdout.write(
    `${service}: this ${mine.toFixed(0)} µs, other ${before.toFixed(0)} µs, ratio ${ratio.toFixed(3)} (median of ${rounds} pairs)\n`,
  )
}
process.exit(0)
