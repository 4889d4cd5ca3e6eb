import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { auditLog, type AuditOptions } from '../../src/audit/audit-log.ts'
import type { AuditEntry } from '../../src/audit/audit-line.ts'
import { deskMetrics } from '../../src/desk/desk-metrics.ts'
import { hashApiKey, type ApiKey } from '../../src/index.ts'
import { backing, temporaryFolder, trustedRuntime } from '../support/backing.ts'
import { post, serveEnergy } from '../support/serve.ts'

const line = z.strictObject({
  at: z.iso.datetime(),
  who: z.string().nullable(),
  kind: z.enum(['key', 'token', 'gateway', 'none']).nullable(),
  requestId: z.string(),
  method: z.enum(['GET', 'POST', 'PATCH', 'DELETE']),
  route: z.string(),
  service: z.string().optional(),
  views: z.array(z.string()).optional(),
  model: z.string().optional(),
  version: z.int().optional(),
  job: z.string().optional(),
  rows: z.int().optional(),
  status: z.int(),
})
type Line = z.infer<typeof line>

async function filesIn(folder: string): Promise<readonly string[]> {
  const all = await readdir(folder, { recursive: true }).catch(() => [])
  return all.filter((name) => /\.jsonl(\.open)?$/.test(name)).sort()
}
async function textIn(folder: string): Promise<string> {
  return (await Promise.all((await filesIn(folder)).map((name) => readFile(join(folder, name), 'utf8')))).join('')
}
async function linesIn(folder: string): Promise<readonly Line[]> {
  const texts = (await textIn(folder)).split('\n').filter((text) => text !== '')
  return texts.map((text) => line.parse(JSON.parse(text)))
}

const analyst: ApiKey = {
  name: 'analyst',
  sha256: hashApiKey('key of analyst'),
  scopes: ['features:read', 'models:predict', 'models:read', 'catalog:read', 'metrics:read', 'jobs:run'],
}
const weak: ApiKey = { name: 'weak', sha256: hashApiKey('key of weak'), scopes: ['metrics:read'] }
const as = (name: string) => ({ authorization: `Bearer key of ${name}` })

test('every route that asks who calls has a line for every answer, and no value of a request or an answer is in any', async () => {
  const { register, promote, serve, folder } = await backing('memory', await trustedRuntime())
  await promote(await register(0.5))
  const audit = join(folder, 'audit')
  const app = serve({ auth: { keys: [analyst, weak] }, audit: { folder: audit } })
  const openapi = z
    .object({ paths: z.record(z.string(), z.record(z.string(), z.looseObject({ security: z.array(z.unknown()) }))) })
    .parse(await (await app.request('/openapi.json')).json())

  // Something of the caller in every place that a request has; whatever it is, it is nobody's name.
  const marker = 'Zoe-Smith'
  const asked = new Set<string>()
  const bodies = [
    { keys: [{ customer_id: marker }, { customer_id: 'a' }] },
    { keys: [{ customer_id: marker }], features: [marker] },
    { feature_service: 'next_day', entities: { customer_id: [marker, 'a'] } },
    { features: ['customer_usage:kwh_1d', 'customer_profile:tariff'], entities: { customer_id: [marker] } },
    { features: [`${marker}:x`], entities: { customer_id: [marker] } },
    { inputs: [{ name: 'customer_id', datatype: 'BYTES', shape: [2], data: [marker, 'a'] }] },
    { [marker]: marker },
  ]
  const named = [
    { service: 'next_day', view: 'customer_usage', model: 'usage_model', version: '1', alias: 'champion', id: marker },
    { service: marker, view: marker, model: marker, version: marker, alias: marker, id: marker },
  ]
  for (const [path, methods] of Object.entries(openapi.paths))
    for (const [method, { security }] of Object.entries(methods)) {
      if (security.length === 0) continue
      for (const names of named)
        for (const body of method === 'get' ? [undefined] : bodies) {
          const at = path.replace(/\{(\w+)\}/g, (_, name: keyof typeof names) => names[name] ?? marker)
          const init: RequestInit = { method: method.toUpperCase(), headers: as('analyst') }
          if (body !== undefined) init.body = JSON.stringify(body)
          await app.request(`${at}?customer_id=${marker}&at=2026-01-01T00:00:00Z`, init)
          asked.add(`${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`)
        }
    }
  expect((await post(app, '/v1/features/next_day', { keys: [{ customer_id: marker }] })).status).toBe(401)
  await post(app, '/v1/features/next_day', { keys: [{ customer_id: marker }] }, { authorization: `Bearer ${marker}` })
  await post(app, '/v1/features/next_day', { keys: [{ customer_id: marker }] }, as('weak'))
  await app.close()

  const lines = await linesIn(audit)
  expect(new Set(lines.map(({ method, route }) => `${method} ${route}`))).toEqual(asked)
  expect(asked.size).toBeGreaterThan(25)
  const text = await textIn(audit)
  // Keys and values of rows, and everything that the caller has made up.
  for (const value of [marker, marker.toLowerCase(), 'customer_id', 'night', 'tariff', '229.5', 'kwh', 'key of'])
    expect(text).not.toContain(value)
  // What is left is from a closed list.
  const words = new Set(lines.flatMap(({ who, service, views, model }) => [who, service, model, ...(views ?? [])]))
  expect([...words].map(String).sort()).toEqual([
    'analyst',
    'customer_profile',
    'customer_usage',
    'next_day',
    'null',
    'undefined',
    'usage_model',
    'usage_only',
    'weak',
  ])
  const lastOf = (route: string, status = 200) => lines.findLast((one) => one.route === route && one.status === status)
  expect(lastOf('/v1/features/:service', 401)).toMatchObject({ who: null, kind: null })
  expect(lastOf('/v1/features/:service', 403)).toMatchObject({ who: 'weak', kind: 'key' })
  expect(lines).toContainEqual(
    expect.objectContaining({
      who: 'analyst',
      route: '/v1/features/:service',
      method: 'POST',
      service: 'next_day',
      rows: 2,
      status: 200,
    }),
  )
  expect(lines).toContainEqual(
    expect.objectContaining({
      route: '/v1/models/:model/predict',
      model: 'usage_model',
      version: 1,
      rows: 2,
      status: 200,
    }),
  )
  expect(lines).toContainEqual(
    expect.objectContaining({
      route: '/get-online-features',
      views: ['customer_usage', 'customer_profile'],
      rows: 1,
      status: 200,
    }),
  )
  expect(lines).toContainEqual(
    expect.objectContaining({
      route: '/v2/models/:model/infer',
      model: 'usage_model',
      version: 1,
      rows: 2,
      status: 200,
    }),
  )
  expect(lastOf('/v1/models/:model/versions/:version/artifact')).toMatchObject({ model: 'usage_model', version: 1 })
  expect(lastOf('/v1/catalog/views/:view')).toMatchObject({ views: ['customer_usage'] })
})

const entry = (n: number): AuditEntry => ({
  at: Date.now(),
  who: { name: 'ann', kind: 'key' },
  requestId: `r${n}`,
  method: 'GET',
  route: '/v1/catalog',
  subject: undefined,
  status: 200,
})

async function opened(options: Partial<AuditOptions> = {}, worker?: number) {
  const folder = options.folder ?? join(await temporaryFolder(), 'audit')
  const metrics = deskMetrics()
  const errors: unknown[] = []
  const log = auditLog({ folder, flushMs: 60_000, ...options }, metrics, (error) => errors.push(error), worker)
  onTestFinished(async () => {
    await log.close()
    metrics.close()
  })
  return { folder, log, errors, metrics }
}

test('files are finished when they are large, the oldest are deleted, and each names its worker', async () => {
  const { folder, log } = await opened({ maxBytes: 2000, keepFiles: 3 }, 7)
  for (let n = 0; n < 100; n++) {
    log.offer(entry(n))
    if (n % 5 === 4) await log.flush()
  }
  await log.close()
  const files = await filesIn(folder)
  expect(files).toHaveLength(3)
  for (const file of files) expect(file).toMatch(/^reads\/\d{4}-\d\d-\d\d\/.*-w7\.jsonl$/)
  const ids = (await linesIn(folder)).map(({ requestId }) => Number(requestId.slice(1)))
  // The newest lines, all of them, in order.
  expect(ids).toEqual(Array.from({ length: ids.length }, (_, n) => 100 - ids.length + n))
  expect(ids.length).toBeGreaterThan(20)
})

test('what a killed process has left is finished by the next, without half a line', async () => {
  const { folder, log } = await opened()
  const day = join(folder, 'reads/2026-01-10')
  await mkdir(day, { recursive: true })
  const whole = JSON.stringify({ ...entry(0), subject: undefined })
  const { hostname } = await import('node:os')
  await writeFile(
    join(day, `060000000-${encodeURIComponent(hostname())}-999999999-0-w1.jsonl.open`),
    `${whole}\n{"at":"20`,
  )
  await log.close()
  const next = await opened({ folder })
  await next.log.flush()
  expect(await textIn(folder)).toBe(`${whole}\n`)
  expect(await filesIn(folder)).toEqual([expect.stringMatching(/-w1\.jsonl$/)])
})

/** A folder that cannot be made until `free` is called, as on a full disk. */
async function blocked() {
  const folder = join(await temporaryFolder(), 'audit')
  await writeFile(folder, '')
  return { folder, free: () => rm(folder) }
}

test('while the disk takes no lines they wait, are counted when there are too many, and are written later', async () => {
  const { folder, free } = await blocked()
  const { log, errors, metrics } = await opened({ folder, queueLines: 10 })
  for (let n = 0; n < 15; n++) log.offer(entry(n))
  await log.flush()
  await log.flush()
  // One failure is told once.
  expect(errors).toHaveLength(1)
  expect(log.refuses()).toBe(false)
  expect(await metrics.text()).toMatch(/martlet_audit_dropped_total 5/)
  await free()
  await log.flush()
  expect((await linesIn(folder)).map(({ requestId }) => requestId)).toEqual(
    Array.from({ length: 10 }, (_, n) => `r${n}`),
  )
  expect(await metrics.text()).toMatch(/martlet_audit_lines_total 10/)
})

test('a required audit refuses requests while it cannot be written, and answers again by itself', async () => {
  const { folder, free } = await blocked()
  const failures: string[] = []
  const app = await serveEnergy({
    auth: { keys: [analyst] },
    audit: { folder, required: true, flushMs: 5 },
    onError: ({ route }) => failures.push(route),
  })
  onTestFinished(() => app.close())
  const ask = () => post(app, '/v1/features/next_day', { keys: [{ customer_id: 'a' }] }, as('analyst'))
  const refused = await ask()
  expect([refused.status, await refused.json()]).toMatchObject([503, { code: 'AUDIT_UNAVAILABLE' }])
  expect((await app.request('/health/live')).status).toBe(200)
  await wait(30)
  await free()
  await expect.poll(async () => (await ask()).status, { timeout: 5000 }).toBe(200)
  await app.close()
  const statuses = (await linesIn(folder)).map(({ status }) => status)
  // What was refused is written down later, too.
  expect(statuses[0]).toBe(503)
  expect(statuses.at(-1)).toBe(200)
  expect([...new Set(failures)]).toEqual(['audit'])
})

test.each([{ maxBytes: 0 }, { keepFiles: 1.5 }, { flushMs: -1 }, { queueLines: Number.NaN }])(
  'an option that could not work is refused: %j',
  (wrong) => {
    const metrics = deskMetrics()
    onTestFinished(() => metrics.close())
    expect(() => auditLog({ folder: '/nowhere', ...wrong }, metrics, () => undefined)).toThrow(
      expect.objectContaining({ code: 'INVALID_AUDIT' }),
    )
  },
)
