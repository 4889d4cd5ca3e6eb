import { readFileSync } from 'node:fs'
import type { Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { logBeta, runTruth, studentQuantile, studentTail } from '../../src/index.ts'
import { disagreement } from '../oracle/fixtures.ts'
import { anHourLater, tablesOf } from './predicted.ts'

interface Scored {
  readonly p: readonly number[]
  readonly y: readonly number[]
  readonly expected: Readonly<Record<string, number>>
}

type Row = readonly [number, number, number]

interface TruthFixtures {
  readonly betaLower: readonly (readonly [number, number, number, number])[]
  readonly studentTail: readonly Row[]
  readonly studentQuantile: readonly Row[]
  readonly binary: Scored
  readonly regression: Scored
}

const fixtures: TruthFixtures = JSON.parse(
  readFileSync(new URL('../oracle/truth-fixtures.json', import.meta.url), 'utf8'),
)

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

describe('tails agree with scipy to nine digits', () => {
  it('the incomplete beta function', () =>
    expect(
      fixtures.betaLower.flatMap(([a, b, x, value]) => disagreement(Math.exp(logBeta(x, a, b)), value) ?? []),
    ).toEqual([]))
  it("Student's t", () =>
    expect(fixtures.studentTail.flatMap(([t, k, tail]) => disagreement(studentTail(t, k), tail) ?? [])).toEqual([]))
  it('its quantiles', () =>
    expect(fixtures.studentQuantile.flatMap(([q, k, t]) => disagreement(studentQuantile(q, k), t) ?? [])).toEqual([]))
})

describe('metrics agree with scikit-learn to eight digits', () => {
  it.each(['binary', 'regression'] as const)('%s', async (task) => {
    const { p, y, expected } = fixtures[task]
    const pairs = p.map((score, i) => ({
      at: new Date(Date.UTC(2026, 0, 10) + i * 1000),
      entity: `c${i % 50}`,
      p: score,
      y: y[i] ?? null,
    }))
    const { table, labels } = await tablesOf(warehouse, `sklearn_${task}`, pairs)
    const { windows } = await runTruth({
      warehouse,
      model: task,
      table,
      keys: ['customer_id'],
      labels: { table: labels, ...anHourLater, within: 1_000_000 },
      task,
      windows: [{ from: new Date('2026-01-10T00:00:00Z'), to: new Date('2026-01-11T00:00:00Z') }],
      now: new Date('2026-02-01T00:00:00Z'),
      record: false,
    })
    const metrics = windows[0]?.performance?.groups[0]?.metrics ?? []
    for (const [name, value] of Object.entries(expected)) {
      const found = metrics.find(({ metric }) => metric === name)?.value ?? Number.NaN
      expect([name, disagreement(found, value, 1e-8)]).toEqual([name, null])
    }
  })
})
