import process from 'node:process'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { deskMetrics } from '../../src/desk/desk-metrics.ts'
import { httpMetrics } from '../../src/http/http-metrics.ts'
import { mergedMetrics } from '../../src/workers/merged-metrics.ts'
import { backing } from '../support/backing.ts'
import { serveEnergy, post } from '../support/serve.ts'
import { answered, metricsOf, startWorkers } from './support/start.ts'

const patient = { timeout: 60_000, interval: 50 }

test('two pages become one: counts and histograms are added, gauges as each says, and ended workers stay counted', async () => {
  const page = (count: number, latency: number, age: number) => {
    const registers = [new Registry()]
    new Counter({ name: 'c', help: 'a count', labelNames: ['of'], registers }).inc({ of: 'x' }, count)
    new Histogram({ name: 'h', help: 'a histogram', buckets: [1, 10], registers }).observe(latency)
    new Gauge({ name: 'now', help: 'is added up', registers }).set(count)
    new Gauge({ name: 'age', help: 'the largest', aggregator: 'max', registers }).set(age)
    return registers[0]!.getMetricsAsJSON()
  }
  const merged = mergedMetrics()
  merged.keep(await page(100, 5, 99))
  merged.keep(await page(1000, 5, 99))
  const text = await merged.text([await page(1, 0.5, 7), await page(2, 20, 3)])
  const lines = text.split('\n').filter((line) => /^(c|h|now|age)(_|\{| )/.test(line))
  expect(lines).toEqual([
    'c{of="x"} 1103',
    'h_bucket{le="1"} 1',
    'h_bucket{le="10"} 3',
    'h_bucket{le="+Inf"} 4',
    'h_sum 30.5',
    'h_count 4',
    'now 3',
    'age 7',
  ])
})

test('every gauge of a server has a rule for several processes', () => {
  const page = deskMetrics()
  httpMetrics(page)
  const rules = page.registry.getMetricsAsArray().flatMap((metric) => {
    return String(metric.type) === 'gauge' ? [[metric.name, metric.aggregator]] : []
  })
  page.close()
  expect(Object.fromEntries(rules)).toEqual({
    http_server_active_requests: 'sum',
    martlet_unsent_bytes: 'sum',
    martlet_event_loop_delay_seconds: 'max',
    martlet_feature_age_seconds: 'max',
    martlet_feature_kept_bytes: 'sum',
    martlet_model_definitions_changed: 'max',
    martlet_model_live: 'max',
    martlet_rollout_weight: 'max',
  })
})

test('a worker that does not answer is left out of a scrape and counted, and its counts stay', async () => {
  const { folder } = await backing('lmdb')
  const workers = await startWorkers('worker.ts', { folder })
  const read = async (): Promise<void> => {
    const answer = await fetch(`${workers.url}/v1/features/next_day`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: '{"keys":[{"customer_id":"a"},{"customer_id":"b"}]}',
    })
    await answer.text()
  }
  for (let request = 0; request < 10; request++) await read()
  const all = await workers.metrics()
  expect(answered(all, '/v1/features/:service')).toBe(10)
  expect(all.get('martlet_feature_rows_total{service="next_day"}')).toBe(20)
  expect(all.get('martlet_serving_workers_unheard')).toBe(0)
  for (const worker of [0, 1, 2])
    expect(all.get(`martlet_serving_worker_memory_bytes{worker="${worker}"}`)).toBeGreaterThan(1e7)

  const [first] = workers.workers
  const pid = first?.pid ?? 0
  process.kill(pid, 'SIGSTOP')
  // A connection that went to the one that is stopped waits with it; the others are answered.
  const scrape = await Promise.any(Array.from({ length: 3 }, () => metricsOf(workers.url)))
  process.kill(pid, 'SIGCONT')
  expect(scrape.get('martlet_serving_workers_unheard')).toBe(1)
  expect(answered(scrape, '/v1/features/:service')).toBe(10)
  await expect.poll(async () => (await workers.metrics()).get('martlet_serving_workers_unheard'), patient).toBe(0)
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => workers.events.some(({ type }) => type === 'worker-ended'), patient).toBe(true)
  expect(answered(await workers.metrics(), '/v1/features/:service')).toBe(10)

  // The same names as one process shows.
  const app = await serveEnergy()
  await post(app, '/v1/features/next_day', { keys: [{ customer_id: 'a' }] })
  await app.request('/metrics')
  const names = (text: string): Set<string> =>
    new Set([...text.matchAll(/^# TYPE (\w+ \w+)$/gm)].map(([, name]) => name!))
  const alone = names(await (await app.request('/metrics')).text())
  const together = names(await (await fetch(`${workers.url}/metrics`)).text())
  expect([...alone].filter((name) => !together.has(name))).toEqual([])
  await app.close()
})
