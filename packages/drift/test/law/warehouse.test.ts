import type { Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { profileFromJson, profileReference, profileToJson, runDrift, type DriftResult } from '../../src/index.ts'
import { normal } from '../random.ts'
import { double, tableOf } from '../tables.ts'
import { profiledRows, reportOf, type Rows } from './report.ts'
import { panel } from './scenarios.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

/** Whole days from this instant on. */
const start = Date.parse('2026-01-05T00:00:00Z')
const source = panel({
  entities: 40,
  days: 70,
  window: 7,
  lasting: 0.5,
  common: 0.2,
  memory: 0.6,
  same: false,
  missing: 0.02,
})

/** The rows as a table. */
function tableOfRows({ columns, entity, time }: Rows): Promise<string> {
  return tableOf(warehouse, {
    id: { type: 'integer', values: [...(entity ?? [])] },
    at: { type: 'timestamp', values: (time ?? []).map((second) => new Date(second * 1000)) },
    x0: double(columns[0] as readonly (number | null)[]),
  })
}

function since({ columns, entity, time }: Rows): Rows {
  return { columns, entity, time: (time ?? []).map((second) => second + start / 1000) }
}

async function profileOf(rows: Rows) {
  return profileReference(warehouse, {
    name: 'law',
    relation: await tableOfRows(rows),
    columns: [{ name: 'x0', type: 'double' }],
    entity: ['ID'],
    time: 'at',
  })
}

async function compare(rows: Rows, current: Rows, entity?: readonly string[]): Promise<DriftResult> {
  const [first] = current.time ?? []
  const from = new Date((first ?? 0) * 1000)
  return runDrift({
    warehouse,
    profile: profileFromJson(profileToJson(await profileOf(rows))),
    current: { relation: await tableOfRows(current), time: 'at', ...(entity === undefined ? {} : { entity }) },
    windows: [{ from, to: new Date(from.getTime() + 7 * 86_400_000) }],
    record: false,
  })
}

describe('dependent rows, in the warehouse', () => {
  const drawn = source(19, 1)
  const [reference, current] = [since(drawn.reference), since(drawn.current)]

  it('the effects of entities and of days are those that arrays have', async () => {
    const profile = await profileOf(reference)
    const [expected] = profiledRows(reference)
    expect(profile.columns[0]?.effects?.entity).toEqual(expected?.effects?.entity)
    expect(profile.columns[0]?.effects?.time?.[0]).toEqual(expected?.effects?.time?.[0])
    expect(profile.dependence).toEqual({ entity: ['ID'], time: { column: 'at', seconds: [86_400, 7 * 86_400] } })
    // 40 entities with half of the variance, 70 days each: about half of the 70 rows are repetitions
    expect(profile.columns[0]?.effects?.entity?.shares).toBeGreaterThan(5)
    expect(profile.columns[0]?.effects?.entity?.groups).toBeCloseTo(40, 6)
  })

  it('the p of a window is that of arrays', async () => {
    const found = (await compare(reference, current)).windows[0]?.columns[0]
    const expected = reportOf(reference, current).windows[0]?.columns[0]
    expect(found?.p).toBeCloseTo(expected?.p ?? Number.NaN, 6)
    expect(found?.p).toBeGreaterThan(0.01)
    const naive = reportOf(reference, current, { dependent: false }).windows[0]?.columns[0]
    expect(naive?.p).toBeLessThan(1e-6)
  })

  it('rows without an entity are not one entity', async () => {
    const draw = normal(31)
    const levels = Array.from({ length: 30 }, () => 3 * draw())
    const known = Array.from({ length: 600 }, (_, i) => ({ who: i % 30, x: (levels[i % 30] ?? 0) + draw() }))
    const unknown = Array.from({ length: 600 }, () => ({ who: null, x: 3 * draw() }))
    const effectOf = async (rows: readonly { readonly who: number | null; readonly x: number }[]) => {
      const relation = await tableOf(warehouse, {
        who: { type: 'integer', values: rows.map(({ who }) => who) },
        x: double(rows.map(({ x }) => x)),
      })
      const columns = [{ name: 'x', type: 'double' as const }]
      const profile = await profileReference(warehouse, { name: 'p', relation, columns, entity: ['who'] })
      return profile.columns[0]?.effects?.entity
    }
    expect((await effectOf(known))?.groups).toBe(30)
    expect((await effectOf([...known, ...unknown]))?.groups).toBe(30)
    expect(await effectOf(unknown)).toBeUndefined()
  })
})
