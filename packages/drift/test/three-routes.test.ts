import type { Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse } from '../../warehouse/test/support/engine.ts'
import { compareArrays, profileNumbers } from '../src/index.ts'
import { readFixtures, relativeError } from './oracle/fixtures.ts'
import { columnResult, compareTables, double, metricOf } from './tables.ts'

const fixtures = readFixtures()
let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

describe('arrays in TypeScript, DuckDB and scipy agree', () => {
  it.each(fixtures.pairs)('$name', async (pair) => {
    const arrays = compareArrays(pair.reference, pair.current)
    expect(relativeError(metricOf(arrays, 'ks').value ?? Number.NaN, pair.ks)).toBeLessThan(1e-9)
    expect(relativeError(metricOf(arrays, 'ks').p ?? Number.NaN, pair.p)).toBeLessThan(1e-9)
    expect(relativeError(metricOf(arrays, 'wasserstein').value ?? Number.NaN, pair.wasserstein)).toBeLessThan(1e-9)

    const { profile, result } = await compareTables(
      warehouse,
      { x: double(pair.reference) },
      { x: double(pair.current) },
      { minimumRows: 1, exact: 'always' },
      true,
    )
    const column = columnResult(result, 'x')
    // counts are exact and rounded to nine digits in a result; sums of doubles to a millionth of σ
    const unit = arrays.profile.robustStd === null || arrays.profile.robustStd === 0 ? 1 : arrays.profile.robustStd
    expect(relativeError(metricOf(column, 'ks').value ?? Number.NaN, pair.ks)).toBeLessThan(1e-8)
    expect(relativeError(metricOf(column, 'ks').p ?? Number.NaN, pair.p)).toBeLessThan(1e-8)
    expect(Math.abs((metricOf(column, 'wasserstein').value ?? Number.NaN) - pair.wasserstein)).toBeLessThan(1e-6 * unit)
    for (const name of ['psi', 'jsDistance'] as const) {
      expect(
        relativeError(metricOf(column, name).value ?? Number.NaN, metricOf(arrays, name).value ?? Number.NaN),
      ).toBeLessThan(1e-8)
    }
    const robust = metricOf(arrays, 'wassersteinRobust').value
    if (robust === null) expect(metricOf(column, 'wassersteinRobust').value).toBeNull()
    else expect(Math.abs((metricOf(column, 'wassersteinRobust').value ?? Number.NaN) - robust)).toBeLessThan(2e-6)

    const [inWarehouse] = profile.columns
    expect(inWarehouse?.kind).toBe('number')
    if (inWarehouse?.kind !== 'number') return
    expect({ edges: inWarehouse.edges, counts: inWarehouse.counts, deciles: inWarehouse.deciles }).toEqual({
      edges: arrays.profile.edges,
      counts: arrays.profile.counts,
      deciles: arrays.profile.deciles,
    })
    expect(relativeError(inWarehouse.mean ?? Number.NaN, pair.mean)).toBeLessThan(1e-12)
    expect(relativeError(inWarehouse.std ?? Number.NaN, pair.std)).toBeLessThan(1e-9)
    // numpy's own deciles, apart from the last digit
    for (const decile of inWarehouse.deciles)
      expect(Math.min(...pair.deciles.map((value) => relativeError(decile, value)))).toBeLessThan(1e-14)
  })

  it('bins bound what the rows say', async () => {
    for (const pair of fixtures.pairs) {
      const exact = compareArrays(pair.reference, pair.current)
      const { result } = await compareTables(
        warehouse,
        { x: double(pair.reference) },
        { x: double(pair.current) },
        { minimumRows: 1 },
      )
      const ks = metricOf(columnResult(result, 'x'), 'ks')
      const [low, high] = ks.interval ?? [ks.value ?? Number.NaN, ks.value ?? Number.NaN]
      expect(low).toBeLessThanOrEqual(pair.ks + 1e-8)
      expect(high).toBeGreaterThanOrEqual(pair.ks - 1e-8)
      const unit = exact.profile.std === null || exact.profile.std === 0 ? 1 : exact.profile.std
      expect(metricOf(columnResult(result, 'x'), 'wasserstein').value ?? Number.NaN).toBeLessThanOrEqual(
        pair.wasserstein + 1e-6 * unit,
      )
    }
  })

  it('a profile made from rows is the one made from an array', () => {
    const values = fixtures.pairs.flatMap(({ reference }) => reference)
    const profile = profileNumbers({ name: 'x', type: 'double' }, values)
    expect(profile.counts.reduce((sum, count) => sum + count, 0)).toBe(values.length)
    expect(profile.edges).toEqual([...new Set(profile.edges)].sort((a, b) => a - b))
    for (const decile of profile.deciles) expect(profile.edges).toContain(decile)
  })
})
