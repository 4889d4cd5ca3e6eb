import type { Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { profileReference, runDrift, type ReferenceProfile } from '../../src/index.ts'
import { normal } from '../random.ts'
import { double, findingsOf, tableOf } from '../tables.ts'
import { day, days, monday } from './seasons.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

const hour = 3_600_000

/** A row every hour, and one at another time. */
async function rows(seed: number, hours: number, other: string | null): Promise<string> {
  const draw = normal(seed)
  const regular = Array.from({ length: hours }, (_, i) => new Date(monday + i * hour))
  const times = other === null ? regular : [...regular, new Date(other)]
  return tableOf(warehouse, { ts: { type: 'timestamp', values: times }, x: double(times.map(() => draw())) })
}

async function profileOf(other: string | null): Promise<ReferenceProfile> {
  return profileReference(warehouse, {
    name: 'far',
    relation: await rows(1, 60 * 24, other),
    columns: [{ name: 'x', type: 'double' }],
    entity: [],
    time: 'ts',
    seasons: ['month'],
  })
}

describe.each(['9999-12-31T00:00:00Z', '0001-01-01T00:00:00Z'])('a reference with one row of %s', (other) => {
  it('has as many rows per hour, and stretches of time as long, as without it', async () => {
    const [far, near] = [await profileOf(other), await profileOf(null)]
    expect(near.mostly).toBeUndefined()
    expect(far.time?.[other.startsWith('9') ? 'to' : 'from']).toBe(new Date(other).toISOString())
    expect(Math.abs(Date.parse(far.mostly?.from ?? '') - monday)).toBeLessThan(day / 2)
    expect(Math.abs(Date.parse(far.mostly?.to ?? '') - monday - 60 * day)).toBeLessThan(day / 2)
    expect(far.dependence?.time?.seconds).toEqual(near.dependence?.time?.seconds)
    const current = { relation: await rows(2, 67 * 24, null), time: 'ts' }
    for (const against of [{}, { match: ['month' as const] }]) {
      const result = await runDrift({
        warehouse,
        profile: far,
        current,
        windows: [days(50, 7)],
        against,
        now: new Date(monday + 67 * day),
        record: false,
      })
      expect(findingsOf(result).filter(({ kind }) => kind === 'volume')).toEqual([])
    }
  })
})
