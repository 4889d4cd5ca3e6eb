import { openDuckDb, type ColumnInput } from '@martlet/warehouse'
import { expect, it } from 'vitest'
import { profileReference, runDrift } from '../../src/index.ts'
import { normal, uniform } from '../random.ts'
import { tableOf } from '../tables.ts'

const hour = 3_600_000
const start = Date.parse('2026-01-05T00:00:00Z')
const COLUMNS = 4

/** Entities that are seen every day, each with habits of its own: how late it is, and whether it writes whole hours. */
function seen(seed: number, first: number, days: number, entities: number): Record<string, ColumnInput> {
  const [draw, chance, habit] = [normal(seed), uniform(seed + 1), uniform(77 + entities)]
  const habits = Array.from({ length: COLUMNS * entities }, () => ({ late: 48 * habit(), whole: habit() < 0.3 }))
  const rows = Array.from({ length: days * entities }, (_, i) => ({
    id: i % entities,
    ts: start + (first + Math.floor(i / entities)) * 24 * hour + Math.floor(chance() * 24) * hour + 1,
  }))
  const dates = Array.from({ length: COLUMNS }, (_, column) => {
    const values = rows.map(({ id, ts }) => {
      const { late, whole } = habits[column * entities + id] ?? { late: 0, whole: false }
      if (chance() < 0.02) return new Date(0)
      const value = ts - (late + 6 * Math.abs(draw()) - (chance() < 0.05 ? 60 : 0)) * hour
      return new Date(whole ? Math.floor(value / hour) * hour : Math.floor(value))
    })
    return [`d${column}`, { type: 'timestamp', values }] as const
  })
  return {
    id: { type: 'text', values: rows.map(({ id }) => `e${id}`) },
    ts: { type: 'timestamp', values: rows.map(({ ts }) => new Date(ts)) },
    ...Object.fromEntries(dates),
  }
}

it('dates of unchanged rows do not alert, whether rows are independent or of entities with habits of their own', async () => {
  await using warehouse = await openDuckDb()
  let alerts = 0
  const columns = Array.from({ length: COLUMNS }, (_, i) => ({ name: `d${i}`, type: 'timestamp' as const }))
  for (const [entities, days] of [
    [1500, 1],
    [60, 20],
  ] as const) {
    for (const seed of [1, 2]) {
      const profile = await profileReference(warehouse, {
        name: 'unchanged',
        relation: await tableOf(warehouse, seen(seed, 0, days, entities)),
        columns,
        time: 'ts',
        entity: ['id'],
      })
      const relation = await tableOf(warehouse, seen(seed + 100, days, Math.ceil(days / 10), entities))
      const policy = { volume: { warn: 1e6, crit: 1e6 } }
      const result = await runDrift({ warehouse, profile, current: { relation, time: 'ts' }, policy, record: false })
      expect(result.windows[0]?.columns.length).toBe(3 * COLUMNS)
      if (result.severity === 'warn' || result.severity === 'crit') alerts += 1
    }
  }
  // Four reports of twelve columns at α = 0.01: one alert would be chance.
  expect(alerts).toBeLessThanOrEqual(1)
})
