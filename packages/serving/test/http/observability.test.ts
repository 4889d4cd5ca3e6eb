import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { auditMetrics } from '../../src/audit/audit-log.ts'
import { deskMetrics } from '../../src/desk/desk-metrics.ts'
import { accessOf } from '../../src/http/access/access-metrics.ts'
import { pushMetrics } from '../../src/desk/push/push-metrics.ts'
import { httpMetrics } from '../../src/http/http-metrics.ts'
import { mergedMetrics, workerMetrics } from '../../src/workers/merged-metrics.ts'
import { backing } from '../support/backing.ts'
import { post } from '../support/serve.ts'

const root = join(import.meta.dirname, '../../../..')
const fileOf = (path: string): string => readFileSync(join(root, path), 'utf8')

interface Described {
  readonly type: string
  readonly labels: readonly string[]
}

/** The rows of the table in the documentation. */
function documented(): ReadonlyMap<string, Described> {
  const rows = fileOf('docs/observability.md').matchAll(/^\| `([a-z_]+)` +\| (\w+) +\| ([a-z, ]*?) *\| \S/gm)
  return new Map(
    [...rows].map(([, name = '', type = '', labels = '']) => [
      name,
      { type, labels: labels === '' ? [] : labels.split(', ') },
    ]),
  )
}

/** What the page of a server says of each metric: its type, from the lines that Prometheus reads. */
function exposedTypes(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = '', type = '']) => [name, type]))
}

/** Every metric with its labels, as they are declared. */
function declaredLabels(): ReadonlyMap<string, readonly string[]> {
  const page = deskMetrics()
  httpMetrics(page)
  pushMetrics(page)
  accessOf('none', page, () => undefined)
  auditMetrics(page)
  const workers = new Registry()
  workerMetrics([workers])
  page.close()
  const metric = z.object({ name: z.string(), labelNames: z.array(z.string()) })
  const all = [...page.registry.getMetricsAsArray(), ...workers.getMetricsAsArray()].map((one) => metric.parse(one))
  return new Map(all.map(({ name, labelNames }) => [name, labelNames]))
}

test('the documentation has every metric that servers expose, with its type and labels, and no other', async () => {
  const { folder, register, promote, serve } = await backing()
  await promote(await register(0))
  const app = serve({ audit: { folder: join(folder, 'audit') } })
  await app.start()
  expect((await post(app, '/v1/models/usage_model/predict', { keys: [{ customer_id: 'a' }] })).status).toBe(200)
  expect((await post(app, '/v1/features/next_day', { keys: [{ customer_id: 'a' }] })).status).toBe(200)
  const alone = await (await app.request('/metrics')).text()
  const workers = await mergedMetrics().text([])
  const types = new Map([...exposedTypes(alone), ...exposedTypes(workers)])
  const table = documented()
  expect(Object.fromEntries([...table].map(([name, { type }]) => [name, type]))).toEqual(Object.fromEntries(types))
  expect(Object.fromEntries([...table].map(([name, { labels }]) => [name, [...labels].sort()]))).toEqual(
    Object.fromEntries([...declaredLabels()].map(([name, labels]) => [name, [...labels].sort()])),
  )
  // The samples have the labels that the table names.
  let samples = 0
  for (const [, name = '', labels = ''] of alone.matchAll(/^(\w+)(?:\{([^}]*)\})? /gm)) {
    const own = [...labels.matchAll(/(\w+)="/g)].map(([, label]) => label).filter((label) => label !== 'le')
    expect([name, own.sort()]).toEqual([name, [...(table.get(familyOf(name))?.labels ?? [])].sort()])
    samples++
  }
  expect(samples).toBeGreaterThan(50)
})

/** A histogram has three names. */
function familyOf(name: string): string {
  return name
    .replace(/_seconds_(?:bucket|sum|count)$/, '_seconds')
    .replace(/_requests_(?:bucket|sum|count)$/, '_requests')
}

const FUNCTIONS = ['sum', 'max', 'rate', 'increase', 'histogram_quantile', 'by', 'ignoring', 'group_left']
/** What Prometheus adds to every sample, or keeps itself. */
const ADDED = ['job', 'instance', 'le']

/** What an expression of PromQL names that is not there. */
function unknownIn(expression: string, table: ReadonlyMap<string, Described>): readonly string[] {
  const unknown: string[] = []
  const text = expression.replaceAll(/"[^"]*"/g, '""').replaceAll(/\[[^\]]+\]/g, '')
  const used = new Set<string>()
  const selectors = text.matchAll(/([a-z_]+)(?:\{([^}]*)\})?/g)
  const withoutLists = text.replaceAll(/\b(?:by|ignoring) \([^)]*\)/g, '').replaceAll(/\{[^}]*\}/g, '')
  for (const [name] of withoutLists.matchAll(/\b[a-z]\w*/g)) {
    if (name === 'up' || FUNCTIONS.includes(name)) continue
    used.add(name)
    const described = table.get(familyOf(name))
    const isPart = familyOf(name) !== name
    if (described === undefined || isPart !== (described.type === 'histogram')) unknown.push(name)
  }
  for (const [, name = '', labels = ''] of selectors) {
    if (!used.has(name)) continue
    for (const [, label = ''] of labels.matchAll(/(\w+)\s*[=!]/g))
      if (![...ADDED, ...(table.get(familyOf(name))?.labels ?? [])].includes(label)) unknown.push(`${name}{${label}}`)
  }
  const known = [...ADDED, ...[...used].flatMap((name) => table.get(familyOf(name))?.labels ?? [])]
  for (const [, list = ''] of text.matchAll(/\b(?:by|ignoring) \(([^)]*)\)/g))
    for (const label of list.split(', ')) if (!known.includes(label)) unknown.push(`by (${label})`)
  return unknown
}

test('names and labels that are not there are found in expressions', () => {
  const table = documented()
  const unknown = (expression: string): readonly string[] => unknownIn(expression, table)
  expect(unknown('sum by (job, route) (rate(http_server_request_duration_seconds_count{status=~"5.."}[5m]))')).toEqual(
    [],
  )
  expect(unknown('sum by (service) (rate(http_server_request_duration_seconds_count[5m]))')).toEqual(['by (service)'])
  expect(unknown('http_server_request_duration_seconds > 1')).toEqual(['http_server_request_duration_seconds'])
  expect(unknown('martlet_model_live{side="stable"} == 1')).toEqual(['martlet_model_live{side}'])
  expect(unknown('increase(martlet_gone_total[5m])')).toEqual(['martlet_gone_total'])
})

test('every alert names metrics and labels that exist, and is complete', () => {
  const rules = fileOf('deploy/prometheus/alerts.yml')
    .split(/^ {6}- alert: /m)
    .slice(1)
  expect(rules.length).toBeGreaterThan(10)
  const table = documented()
  const names = rules.map((rule) => {
    const [name = ''] = rule.split('\n')
    const [, expression = ''] = /^ {8}expr: (.+)$/m.exec(rule) ?? []
    expect([name, unknownIn(expression, table)]).toEqual([name, []])
    expect(rule).toMatch(/^ {8}labels: \{ severity: (?:critical|warning|info) \}$/m)
    const [, summary = ''] = /^ {10}summary: '([^']+)'$/m.exec(rule) ?? []
    // What a summary shows of a sample has survived the expression.
    const labels = [...summary.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label)
    const [, kept] = /\bby \(([^)]*)\)/.exec(expression) ?? []
    for (const label of labels)
      expect([name, kept?.split(', ') ?? [label]]).toEqual([name, expect.arrayContaining([label])])
    return name
  })
  expect(new Set(names).size).toBe(names.length)
})

const dashboard = z.object({
  panels: z.array(
    z.object({
      id: z.int(),
      title: z.string(),
      gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
      targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })).optional(),
    }),
  ),
})

test('every panel of the dashboard names metrics and labels that exist, and every metric is on a panel', () => {
  const { panels } = dashboard.parse(JSON.parse(fileOf('deploy/grafana/martlet.json')))
  const table = documented()
  const targets = panels.flatMap(({ title, targets: own = [] }) => own.map((target) => ({ title, ...target })))
  for (const { title, expr, legendFormat } of targets) {
    expect([title, unknownIn(expr, table)]).toEqual([title, []])
    const kept = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '))
    for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
      expect([title, kept]).toEqual([title, expect.arrayContaining([label])])
  }
  const shown = targets.map(({ expr }) => expr).join('\n')
  expect([...table.keys()].filter((name) => !shown.includes(name))).toEqual([])
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  // No panel covers another.
  const places = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)}:${y + Math.floor(cell / w)}`),
  )
  expect(new Set(places).size).toBe(places.length)
})
