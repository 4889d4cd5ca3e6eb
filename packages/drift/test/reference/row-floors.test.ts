import { openDuckDb, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  profileOfColumns,
  profileReference,
  runDrift,
  type PolicyOptions,
  type ReferenceChoice,
  type ReferenceProfile,
} from '../../src/index.ts'
import { rowSpread } from '../../src/reference/row-spread.ts'
import { predictionLimit } from '../../src/verdict/floor-of.ts'
import { fastNormal } from '../law/fast-random.ts'
import { uniform } from '../random.ts'
import { double, findingsOf, tableOf } from '../tables.ts'

const HOUR = 3_600_000
const start = Date.parse('2026-01-05T00:00:00Z')
const columns = [{ name: 'x', type: 'double' }] as const
const now = new Date('2026-06-01T00:00:00Z')

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb()
})
afterAll(async () => {
  await warehouse.close()
})

/** Rows of hours, between 40 and 160 of them, whatever the hour; `latest` in the last one. */
function hours(count: number, latest: number): Promise<string> {
  const draw = uniform(3)
  const rows = Array.from({ length: count }, (_, hour) => {
    const size = hour === count - 1 ? latest : Math.round(40 * 4 ** draw())
    return Array.from({ length: size }, (_, i) => start + hour * HOUR + (i * HOUR) / size)
  }).flat()
  return tableOf(warehouse, {
    ts: { type: 'timestamp', values: rows.map((ts) => new Date(ts)) },
    x: double(rows.map(() => draw())),
  })
}

async function volumeOf(
  latest: number,
  { against, profile, policy }: { against?: ReferenceChoice; profile?: ReferenceProfile; policy?: PolicyOptions },
): Promise<readonly string[]> {
  const result = await runDrift({
    warehouse,
    profile: profile ?? profileOfColumns('hours', columns),
    current: { relation: await hours(49, latest), time: 'ts' },
    windows: [{ from: new Date(start + 48 * HOUR), to: new Date(start + 49 * HOUR) }],
    ...(against === undefined ? {} : { against }),
    policy: policy ?? {},
    now,
    record: false,
  })
  return findingsOf(result).flatMap(({ kind, sentence }) => (kind === 'volume' ? [sentence] : []))
}

describe('rows per hour', () => {
  const against = { windows: 24 }

  it('have a floor that earlier hours taught', async () => {
    expect(await volumeOf(38, { against, policy: { learnt: 'never' } })).toHaveLength(1)
    expect(await volumeOf(38, { against })).toEqual([])
    const [told] = await volumeOf(1200, { against })
    expect(told).toMatch(
      /^[\d.]+ times as many rows per hour as in the reference \(1200 against [\d.]+\); floor [\d.]+, learnt from 24 reference windows\.$/,
    )
  })

  it('have a floor that the parts of a stored profile taught', async () => {
    const relation = await hours(48, 80)
    const of = (parts?: string): Promise<ReferenceProfile> =>
      profileReference(warehouse, {
        name: 'hours',
        relation,
        columns,
        time: 'ts',
        now,
        ...(parts === undefined ? {} : { parts }),
      })
    expect(await volumeOf(38, { profile: await of() })).toHaveLength(1)
    const profile = await of('1h')
    expect(profile.rowSpread).toHaveLength(48)
    expect(await volumeOf(38, { profile })).toEqual([])
  })

  it.each([8, 24, 60])('stay below the learnt floor as often as it says, learnt from %i windows', (windows) => {
    const draw = fastNormal(windows)
    const RUNS = 2000
    const above = Array.from({ length: RUNS }, () => {
      const rows = Array.from({ length: windows + 1 }, () => Math.round(200 * Math.exp(0.8 * draw())))
      const [next = 0, ...earlier] = rows
      const spread = rowSpread(
        { rows: earlier },
        earlier.map((_, window) => earlier.map((__, piece) => piece === window)),
      )
      const mean = earlier.reduce((sum, count) => sum + count, 0) / windows
      return Math.abs(Math.log(next / mean)) >= predictionLimit(spread ?? [], 0.01, 2)
    }).filter(Boolean).length
    expect(above / RUNS).toBeLessThanOrEqual(0.015)
  })

  it('keep the floor of the policy where earlier windows are few', async () => {
    const few = await volumeOf(38, { against: { windows: 5 } })
    expect(few).toHaveLength(1)
    expect(few[0]).not.toContain('learnt')
  })
})
