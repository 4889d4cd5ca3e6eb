import { sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { profileReference, runDrift, type DriftResult, type ReferenceChoice } from '../../src/index.ts'
import { profileOfColumns } from '../../src/profile/profile-of-columns.ts'
import { sampleCodes } from '../../src/joint/sample-rows.ts'
import { relativeWeight } from '../../src/count/weigh-rows.ts'
import { normal, uniform } from '../random.ts'
import { columnResult, double, tableOf, text } from '../tables.ts'

let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

const now = new Date('2026-03-01T00:00:00Z')
const DAY = 86_400_000
const columns = [{ name: 'x', type: 'double' as const }]

/** Days of eighty rows; on the last one, heavy rows moved by 2 and the others stayed. */
async function series(days: number, moved: number): Promise<string> {
  const [draw, chance] = [normal(5), uniform(6)]
  const rows = Array.from({ length: days * 80 }, (_, index) => {
    const last = index >= (days - 1) * 80
    const heavy = chance() < 0.25
    return {
      x: draw() + (last && heavy ? moved : 0),
      w: heavy ? 10 : 0.5,
      id: `e${index % 40}`,
      at: index * (DAY / 80),
    }
  })
  return tableOf(warehouse, {
    x: double(rows.map(({ x }) => x)),
    w: double(rows.map(({ w }) => w)),
    id: text(rows.map(({ id }) => id)),
    ts: { type: 'timestamp', values: rows.map(({ at }) => new Date(Date.parse('2026-02-01T00:00:00Z') + at)) },
  })
}

async function against(relation: string, choice: ReferenceChoice, days: number, weight?: string): Promise<DriftResult> {
  const end = Date.parse('2026-02-01T00:00:00Z') + days * DAY
  return runDrift({
    warehouse,
    profile: profileOfColumns('weighed', columns),
    current: { relation, time: 'ts', ignore: ['id', 'w'], ...(weight === undefined ? {} : { weight }) },
    windows: [{ from: new Date(end - DAY), to: new Date(end) }],
    against: choice,
    now,
    record: false,
  })
}

it('earlier windows are weighed, too, and what few rows weigh moves the mean of all', async () => {
  const moved = await series(9, 1.2)
  const weighed = await against(moved, { windows: 8 }, 9, 'w')
  expect(columnResult(weighed, 'x').severity).not.toBe('none')
  expect(weighed.windows[0]?.reference?.rows).toBe(640)
  expect(columnResult(weighed, relativeWeight('w')).severity).toBe('none')
  const still = await against(await series(9, 0), { windows: 8 }, 9, 'w')
  expect(columnResult(still, 'x').severity).toBe('none')
})

it('seasons and weights are not combined', async () => {
  const table = await series(9, 0)
  await expect(against(table, { trailing: '7d', match: ['weekday'] }, 9, 'w')).rejects.toMatchObject({
    code: 'REFERENCE_INVALID',
  })
  await expect(
    profileReference(warehouse, { name: 'p', relation: table, columns, time: 'ts', weight: 'w', seasons: ['weekday'] }),
  ).rejects.toMatchObject({ code: 'REFERENCE_INVALID' })
})

it('entities and weights are one effect: entities are counted beyond what weights explain', async () => {
  const profile = await profileReference(warehouse, {
    name: 'entities',
    relation: await series(9, 0),
    columns,
    time: 'ts',
    weight: 'w',
    entity: ['id'],
    now,
  })
  const effects = profile.columns[0]?.effects
  // Two weights, a quarter of the rows heavy: n Σw² / (Σw)² − 1 is near 2.2.
  expect(effects?.weights?.shares).toBeGreaterThan(1.5)
  expect(effects?.weights?.shares).toBeLessThan(3)
  // Values do not depend on the entity.
  expect(effects?.entity?.shares).toBeLessThan(1)
})

it('a sample is taken in proportion to the weights', async () => {
  const chance = uniform(9)
  const rows = Array.from({ length: 6000 }, (_, index) => ({ heavy: index % 3 === 0, x: chance() }))
  const table = await tableOf(warehouse, {
    x: double(rows.map(({ x }) => x)),
    c: text(rows.map(({ heavy }) => (heavy ? 'heavy' : 'light'))),
    w: { type: 'bigint', values: rows.map(({ heavy }) => (heavy ? 4n : 1n)) },
  })
  const profile = await profileReference(warehouse, {
    name: 'sampled',
    relation: table,
    columns: [...columns, { name: 'c', type: 'text' }],
    weight: 'w',
    now,
  })
  const coded = profile.columns.flatMap((column) =>
    column.kind === 'time' || column.role === 'weight' ? [] : [{ profile: column, type: column.type }],
  )
  const [, codes = new Uint8Array()] = await sampleCodes(warehouse, table, coded, 2000, 'current', sql.id('w'))
  expect(codes.length).toBe(2000)
  // Two thirds of the weight is heavy: code 1, the most frequent value.
  const heavy = codes.filter((code) => code === 1).length
  expect(Math.abs(heavy / 2000 - 2 / 3)).toBeLessThan(0.04)
})
