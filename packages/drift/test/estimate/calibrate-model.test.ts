import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { columnBatch, ensureTable, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import {
  calibrateModel,
  estimatePerformance,
  loadPredictions,
  profileReference,
  readProfile,
  runDrift,
  storeProfile,
  type CalibrateModel,
} from '../../src/index.ts'
import { normal, uniform } from '../random.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

const ROWS = 900
const FIRST = Date.UTC(2026, 0, 5)
const HOUR = 3_600_000
const now = new Date(FIRST + 60 * 24 * HOUR)

/** Predictions of a model each hour, and what happened an hour after each. */
async function logged(
  name: string,
  pair: (i: number) => { readonly p: number; readonly y: number },
): Promise<CalibrateModel> {
  const [table, happened] = [`logged_${name}`, `happened_of_${name}`]
  const pairs = Array.from({ length: ROWS }, (_, i) => ({ ...pair(i), at: new Date(FIRST + i * HOUR) }))
  const keys = pairs.map((_, i) => `c${i % 30}`)
  await ensureTable(warehouse, {
    table,
    columns: [
      { name: 'predicted_at', type: 'timestamp' },
      { name: 'role', type: 'text' },
      { name: 'usage__kwh', type: 'double' },
      { name: 'usage__never', type: 'double' },
      { name: 'served__usage__withheld', type: 'boolean' },
      { name: 'served__usage__definition', type: 'text' },
      { name: 'request__value__amount', type: 'double' },
      { name: 'prediction', type: 'double' },
      { name: 'customer_id', type: 'text' },
    ],
  })
  await warehouse.append(
    table,
    columnBatch({
      predicted_at: { type: 'timestamp', values: pairs.map(({ at }) => at) },
      role: { type: 'text', values: pairs.map(() => null) },
      usage__kwh: { type: 'double', values: pairs.map((_, i) => i % 10) },
      usage__never: { type: 'double', values: pairs.map(() => null) },
      served__usage__withheld: { type: 'boolean', values: pairs.map((_, i) => (i % 9 === 0 ? true : null)) },
      served__usage__definition: { type: 'text', values: pairs.map((_, i) => (i < 400 ? 'a1' : 'b2')) },
      request__value__amount: { type: 'double', values: pairs.map((_, i) => i % 7) },
      prediction: { type: 'double', values: pairs.map(({ p }) => p) },
      customer_id: { type: 'text', values: keys },
    }),
  )
  await ensureTable(warehouse, {
    table: happened,
    columns: [
      { name: 'customer_id', type: 'text' },
      { name: 'at', type: 'timestamp' },
      { name: 'late', type: 'double' },
    ],
  })
  await warehouse.append(
    happened,
    columnBatch({
      customer_id: { type: 'text', values: keys },
      at: { type: 'timestamp', values: pairs.map(({ at }) => new Date(at.getTime() + HOUR)) },
      late: { type: 'double', values: pairs.map(({ y }) => y) },
    }),
  )
  return {
    warehouse,
    model: name,
    table,
    keys: ['customer_id'],
    labels: { table: happened, time: 'at', value: 'late', gap: HOUR * 1000, within: 60_000_000 },
    profile: `of_${name}`,
    now,
  }
}

it('chances and what happened make a profile with a calibration, which a later one replaces', async () => {
  const draw = uniform(5)
  const request = await logged('chances', () => {
    const p = draw()
    return { p, y: draw() < p ? 1 : 0 }
  })
  const profile = await calibrateModel({ ...request, task: 'binary' })
  expect(profile).toMatchObject({ name: 'of_chances', rows: ROWS, rowKind: 'predictions', time: { column: 'time' } })
  // A column that never had a value is none of the profile, nor is what the model did not read.
  expect(profile.columns.map(({ name, role }) => [name, role])).toEqual([
    ['usage__kwh', 'feature'],
    ['prediction', 'prediction'],
  ])
  expect(profile.calibration).toMatchObject({ kind: 'classifier', label: 'late', rows: ROWS })
  const stored = await readProfile(warehouse, 'of_chances')
  expect(stored).toEqual(profile)
  const calibration = stored.calibration
  if (calibration === undefined) throw new Error('no calibration was stored')
  const [estimate] = await estimatePerformance({ warehouse, calibration, relation: 'logged_chances' })
  const [auc] = (estimate?.metrics ?? []).filter(({ metric }) => metric === 'auc')
  expect(auc?.value).toBeGreaterThan(0.75)
  // Of a part of the time, without labels that could not be known by then.
  const span = { from: new Date(FIRST + 100 * HOUR), to: new Date(FIRST + 600 * HOUR) }
  const early = new Date(FIRST + 401 * HOUR + 60_000)
  expect(await calibrateModel({ ...request, task: 'binary', span, now: early })).toMatchObject({ rows: 301 })
})

it('numbers calibrate a loss, and a profile of other rows keeps what it has', async () => {
  const gauss = normal(2)
  const request = await logged('numbers', (i) => {
    const y = 10 + gauss()
    return { y, p: y + gauss() * (i % 10 < 2 ? 4 : 1) }
  })
  const own = await calibrateModel(request)
  expect(own.calibration).toMatchObject({ kind: 'regression', prediction: 'prediction', label: 'late' })
  const features = own.calibration?.kind === 'regression' ? own.calibration.features.map(({ name }) => name) : []
  expect(features).toEqual(['prediction', 'usage__kwh'])
  const relation = sql`SELECT usage__kwh, prediction FROM ${tableRef('logged_numbers')} WHERE prediction > 10`
  const columns = ['usage__kwh', 'prediction'].map((name) => ({ name, type: 'double' as const }))
  const made = await profileReference(warehouse, { name: 'trained', relation, columns })
  await storeProfile(warehouse, made)
  const { calibration, ...rest } = await calibrateModel({ ...request, profile: 'trained' })
  expect(rest).toEqual(made)
  expect(calibration).toEqual(own.calibration)
  await storeProfile(
    warehouse,
    await profileReference(warehouse, { name: 'bare', relation, columns: columns.slice(0, 1) }),
  )
  await expect(calibrateModel({ ...request, profile: 'bare' })).rejects.toMatchObject({ code: 'CALIBRATION_INVALID' })
})

const KINDS = ['red', 'green', 'blue'] as const

/** Predictions of three classes as the server logs them. */
function drawnClasses() {
  const draw = uniform(11)
  return Array.from({ length: ROWS }, (_, i) => {
    const weights = KINDS.map(() => draw() ** 3)
    const chances = weights.map((one) => one / weights.reduce((sum, weight) => sum + weight, 0))
    const at = draw()
    const [red = 0, green = 0] = chances
    const kind = at < red ? 'red' : at < red + green ? 'green' : 'blue'
    return { i, at: new Date(FIRST + i * HOUR), chances, predicted: KINDS[chances.indexOf(Math.max(...chances))], kind }
  })
}

it('classes are calibrated by the chances that the log has of them', async () => {
  const rows = drawnClasses()
  const folder = await mkdtemp(join(tmpdir(), 'martlet-classes-'))
  const file = join(folder, 'a.jsonl')
  const lines = rows.map(({ i, at, chances, predicted }) => ({
    requestId: `r${i}`,
    time: at,
    model: 'kinds',
    version: 1,
    row: 0,
    keys: { customer_id: `c${i % 30}` },
    values: { usage__kwh: i % 10 },
    prediction: { output_label: predicted, output_probability: chances },
  }))
  await writeFile(file, lines.map((line) => JSON.stringify(line)).join('\n'))
  await loadPredictions({ warehouse, folder, model: 'kinds' })
  await ensureTable(warehouse, {
    table: 'happened_of_kinds',
    columns: [
      { name: 'customer_id', type: 'text' },
      { name: 'at', type: 'timestamp' },
      { name: 'kind', type: 'text' },
    ],
  })
  await warehouse.append(
    'happened_of_kinds',
    columnBatch({
      customer_id: { type: 'text', values: rows.map(({ i }) => `c${i % 30}`) },
      at: { type: 'timestamp', values: rows.map(({ at }) => at) },
      kind: { type: 'text', values: rows.map(({ kind }) => kind) },
    }),
  )
  const scores = Object.fromEntries(KINDS.map((kind, i) => [kind, `prediction__output_probability__${i}`]))
  const cut = new Date(FIRST + 600 * HOUR)
  const request = {
    warehouse,
    model: 'kinds',
    labels: { table: 'happened_of_kinds', time: 'at', value: 'kind', within: 60_000_000 },
    profile: 'of_kinds',
    span: { from: new Date(FIRST), to: cut },
    now,
  }
  await expect(calibrateModel(request)).rejects.toMatchObject({
    code: 'TRUTH_INVALID',
    message: expect.stringContaining('`scores`'),
  })
  await expect(calibrateModel({ ...request, scores: { ...scores, grey: 'prediction__grey' } })).rejects.toMatchObject({
    code: 'TRUTH_INVALID',
    message: expect.stringContaining('no column prediction__grey with the chance of grey was logged'),
  })
  const profile = await calibrateModel({ ...request, scores })
  expect(profile.columns.filter(({ role }) => role === 'prediction').map(({ name }) => name)).toEqual([
    'prediction',
    ...Object.values(scores),
  ])
  expect(profile.calibration).toMatchObject({ kind: 'classifier', label: 'kind', rows: 600 })
  // The monitor of the log estimates the later rows, whose labels it does not see.
  const end = new Date(FIRST + ROWS * HOUR)
  const { windows } = await runDrift({
    warehouse,
    profile,
    current: { log: [file] },
    windows: [{ from: cut, to: end }],
    estimate: true,
    now,
    record: false,
  })
  const later = rows.filter(({ at }) => at >= cut)
  const accuracy = later.filter(({ predicted, kind }) => predicted === kind).length / later.length
  const estimate = windows[0]?.estimate?.metrics.find(({ metric }) => metric === 'accuracy')
  expect([windows[0]?.rows, windows[0]?.estimate?.status]).toEqual([300, 'estimated'])
  expect(Math.abs((estimate?.value ?? 0) - accuracy)).toBeLessThan(0.03)
  expect(estimate?.low).toBeLessThan(accuracy)
  expect(estimate?.high).toBeGreaterThan(accuracy)
  await rm(folder, { recursive: true })
})

it('classes without chances, and a model without predictions, are refused', async () => {
  const request = await logged('classes', (i) => ({ p: i % 3, y: i % 3 }))
  await expect(calibrateModel({ ...request, task: 'classes' })).rejects.toMatchObject({ code: 'TRUTH_INVALID' })
  const nowhere = { ...request, table: 'nowhere' }
  await expect(calibrateModel(nowhere)).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' })
})
