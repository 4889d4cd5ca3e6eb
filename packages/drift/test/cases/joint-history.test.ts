import { openDuckDb, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  profileOfColumns,
  runDrift,
  type DriftResult,
  type Mute,
  type PolicyOptions,
  type ReferenceChoice,
} from '../../src/index.ts'
import { normal } from '../random.ts'
import { day, days, monday } from '../reference/seasons.ts'
import { tableOf } from '../tables.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb()
})
afterAll(async () => {
  await warehouse.close()
})

interface Shape {
  readonly perDay: number
  /** How far two columns go together on a day. */
  readonly rho: (day: number, draw: number) => number
  /** How far a day moves all of its rows. */
  readonly wave?: number | ((day: number) => number)
  /** How much of every value an entity keeps from day to day. */
  readonly kept?: number
}

/** Days of rows with two columns that go together, and one that does not. */
async function compare(
  seed: number,
  { perDay, rho, wave = 0, kept = 0 }: Shape,
  against: ReferenceChoice,
  policy: PolicyOptions = {},
  mutes: readonly Mute[] = [],
): Promise<DriftResult> {
  const draw = normal(seed)
  const habits = Array.from({ length: 3 * perDay }, draw)
  const own = (at: number): number => kept * (habits[at] ?? 0) + Math.sqrt(1 - kept * kept) * draw()
  const rows = Array.from({ length: 9 }, (_, at) => {
    const [moved, by] = [typeof wave === 'number' ? wave * draw() : wave(at), rho(at, draw())]
    return Array.from({ length: perDay }, (__, i) => {
      const a = own(i)
      const b = by * a + Math.sqrt(1 - by * by) * own(perDay + i)
      return { ts: new Date(monday + at * day + (i * day) / perDay), a, b, c: own(2 * perDay + i) + moved }
    })
  }).flat()
  const relation = await tableOf(warehouse, {
    ts: { type: 'timestamp', values: rows.map(({ ts }) => ts) },
    a: { type: 'double', values: rows.map(({ a }) => a) },
    b: { type: 'double', values: rows.map(({ b }) => b) },
    c: { type: 'double', values: rows.map(({ c }) => c) },
  })
  return runDrift({
    warehouse,
    profile: profileOfColumns(
      'together',
      ['a', 'b', 'c'].map((name) => ({ name, type: 'double' })),
    ),
    current: { relation, time: 'ts' },
    windows: [days(8)],
    against,
    policy,
    mutes,
    now: new Date(monday + 9 * day),
    record: false,
  })
}

describe('all columns together against earlier windows', () => {
  const trailing: ReferenceChoice = { trailing: '8d' }

  it('show that two columns no longer go together', async () => {
    const result = await compare(1, { perDay: 300, rho: (at) => (at === 8 ? 0 : 0.9) }, trailing)
    expect(result.windows[0]?.columns.map(({ severity }) => severity)).toEqual(['none', 'none', 'none'])
    const joint = result.windows[0]?.joint
    expect(joint?.used[0]?.columns).toEqual(['a', 'b'])
    expect(joint?.rows).toEqual({ reference: 2400, current: 300 })
    expect(joint?.unchanged?.length).toBe(8)
    expect(result.sentence).toMatch(
      /^A and b no longer go together as they did \(AUC 0\.\d\d, 0\.5 is chance; p < 1e-12; earlier windows reach 0\.5\d\)/,
    )
    const off = await compare(1, { perDay: 300, rho: (at) => (at === 8 ? 0 : 0.9) }, trailing, { joint: 'off' })
    expect(off.windows[0]?.joint).toBeUndefined()
  })

  it('say nothing of what differs from day to day anyway, and need six earlier windows', async () => {
    const loose: Shape = { perDay: 120, rho: (_, draw) => Math.tanh(draw), wave: 0.5 }
    const results: DriftResult[] = []
    for (const seed of [1, 2]) results.push(await compare(seed, loose, trailing))
    const apart = results.flatMap(({ windows }) => windows[0]?.joint ?? [])
    // By the policy's floors alone some would alert.
    expect(apart.some(({ auc, p }) => auc >= 0.6 && p < 0.01)).toBe(true)
    expect(results.flatMap(({ windows }) => windows[0]?.findings ?? []).filter(({ kind }) => kind === 'joint')).toEqual(
      [],
    )
    // The same entities every day, almost as they were.
    const steady = await compare(5, { perDay: 120, rho: () => 0.5, kept: 0.99 }, trailing)
    expect(steady.status).toBe('ok')
    expect(steady.windows[0]?.joint?.severity).toBe('none')
    const few = await compare(1, loose, { trailing: '5d' })
    expect(few.windows[0]?.joint).toBeUndefined()
  })

  it('say nothing of a column that is muted', async () => {
    const shape: Shape = { perDay: 200, rho: () => 0.5, wave: (at) => (at === 8 ? 2 : 0) }
    expect((await compare(1, shape, trailing)).lookAt).toEqual(['c'])
    const muted = await compare(1, shape, trailing, {}, [
      { column: 'c', until: '2026-07-01', by: 'Ann', reason: 'new codes' },
    ])
    expect(muted.windows[0]?.joint?.severity).toBe('info')
    expect(muted.windows[0]?.joint?.used[0]?.columns).toEqual(['c'])
    expect(muted.status).toBe('ok')
  })

  it('alert below the floor of the policy where what was learnt stands instead of it', async () => {
    const shape: Shape = { perDay: 400, rho: (at) => (at === 8 ? 0.55 : 0.9) }
    const floors = { auc: { warn: 0.9, crit: 0.95 } }
    expect((await compare(1, shape, trailing, floors)).windows[0]?.joint?.severity).toBe('none')
    const instead = await compare(1, shape, trailing, { ...floors, learnt: 'instead' })
    expect(instead.windows[0]?.joint?.unchanged?.length).toBe(8)
    expect(instead.windows[0]?.joint?.severity).toBe('warn')
  })
})
