import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { entity, fact, featureView, label } from '../../src/index.ts'
import { momentTableOf } from '../../src/compile/tiles/view-moments.ts'
import { lookback } from '../../src/materialize/lookback.ts'
import { viewPlan } from '../../src/vocabulary/plan-schema.ts'
import { featureText } from '../../src/vocabulary/words.ts'

const vehicle = entity('vehicle', { vehicle_id: z.string() })
const columns = {
  vehicle_id: z.string(),
  ts: z.date(),
  loaded_at: z.date(),
  km: z.number(),
  part: z.enum(['pump', 'belt']),
  previous: z.string().nullable(),
}
const source = { columns, entities: [vehicle], eventTime: 'ts' } as const
const { previous: _, ...without } = columns
const events = fact('mart.events', { ...source, columns: without })
const shadowed = fact('mart.events', source)
const late = fact('mart.events', { ...source, columns: without, knownAt: 'loaded_at' })
const daily = { of: vehicle, every: '1d' } as const

interface Loose {
  (...given: readonly unknown[]): Loose
  readonly sum: Loose
  readonly count: Loose
  readonly where: Loose
  readonly over: Loose
  readonly previous: Loose
  readonly increase: Loose
  readonly sincePrevious: Loose
  readonly gt: Loose
}
/** Callers without types may write what the compiler refuses. */
const loose =
  (features: (f: Loose) => unknown, from: object = events) =>
  () =>
    Reflect.apply(featureView, undefined, ['bad', { ...daily, from, features }])

describe('events before', () => {
  const view = featureView('v', {
    ...daily,
    from: events.with((r) => ({ gap: r.sincePrevious() })),
    features: (f) => ({
      between: f.mean('gap').over('7d'),
      driven: f.sum((r) => r.increase('km')).over('7d'),
      again: f
        .count()
        .where((r) => r.part.eq(r.previous('part')))
        .over('7d'),
      km: f.sum('km').over('7d'),
    }),
  })

  test('are in words, in stored plans and in hashes, with every column that orders events of one instant', () => {
    expect(view.plan.features.map(featureText)).toEqual([
      'mean(gap) over 7d',
      'sum(increase(km)) over 7d',
      'count(* where (part = previous(part))) over 7d',
      'sum(km) over 7d',
    ])
    expect(viewPlan.parse(JSON.parse(JSON.stringify(view.plan)))).toEqual(view.plan)
    const ties = JSON.stringify(['km', 'loaded_at', 'part'])
    expect(JSON.stringify(view.plan.features[1])).toContain(`"ties":${ties}`)
    // Another column of the table may put events of one instant in another order.
    const wider = fact('mart.events', source)
    const hashOf = (from: typeof events) =>
      featureView('v', { ...daily, from, features: (f) => ({ x: f.mean((r) => r.sincePrevious()).over('7d') }) }).plan
        .hash
    expect(hashOf(wider)).not.toBe(hashOf(events))
  })

  test('reach back without limit, and have no stored tiles', () => {
    expect(lookback(view.plan)).toBeNull()
    expect(momentTableOf(view.plan)).toBeUndefined()
    const { plan } = featureView('v', {
      ...daily,
      from: events.with((r) => ({ gap: r.sincePrevious() })),
      features: (f) => ({ x: f.sum('km').over('7d') }),
    })
    expect(lookback(plan)).toBe(604_800_000_000n)
    expect(momentTableOf(plan)).toBeDefined()
  })

  test('a column of the name of a word is that column', () => {
    const { plan } = featureView('v', {
      ...daily,
      from: shadowed,
      features: (f) => ({
        x: f
          .count()
          .where((r) => r.previous.isNull())
          .over('7d'),
      }),
    })
    expect(plan.features.map(featureText)).toEqual(['count(* where isNull(previous)) over 7d'])
  })

  const late_why =
    `needs the event before, and which events are known depends on T where the fact has knownAt ('loaded_at'); ` +
    `use a fact of the same table without it`
  test.each([
    [
      'a fact with arrival times',
      loose((f) => ({ x: f.sum((r: Loose) => r.sincePrevious()).over('1d') }), late),
      `view 'bad', feature 'x': its value is wrong: sincePrevious() ${late_why}`,
    ],
    [
      'a condition on a fact with arrival times',
      loose(
        (f) => ({
          x: f
            .count()
            .where((r: Loose) => r.previous('km').gt(1))
            .over('1d'),
        }),
        late,
      ),
      `view 'bad', feature 'x': its where is wrong: previous('km') ${late_why}`,
    ],
    [
      'a computed column of a fact with arrival times',
      () => late.with((r) => ({ driven: r.increase('km') })),
      `fact 'mart.events': its with is wrong: increase('km') ${late_why}`,
    ],
    [
      'a label of a fact with arrival times',
      () => label('x', { of: vehicle, from: late, value: (f) => f.sum((r) => r.increase('km')).ahead('7d') }),
      `label 'x': its value is wrong: increase('km') ${late_why}`,
    ],
    [
      'an increase of a text',
      loose((f) => ({ x: f.sum((r: Loose) => r.increase('part')).over('1d') })),
      `view 'bad', feature 'x': its value is wrong: column 'part' of this fact is not a number but text, so it has no increase`,
    ],
    [
      'a misspelt column',
      loose((f) => ({ x: f.sum((r: Loose) => r.increase('kn')).over('1d') })),
      `view 'bad', feature 'x': its value is wrong: there is no column 'kn'; there are: vehicle_id, ts, loaded_at, km, part`,
    ],
    [
      'a misspelt column of the event before',
      loose((f) => ({ x: f.sum((r: Loose) => r.previous('kn')).over('1d') })),
      `view 'bad', feature 'x': its value is wrong: there is no column 'kn'; there are: vehicle_id, ts, loaded_at, km, part`,
    ],
    [
      'a sum of a text of the event before',
      loose((f) => ({ x: f.sum((r: Loose) => r.previous('part')).over('1d') })),
      `view 'bad', feature 'x': the value previous(part) is not a number but text, so it cannot be summed`,
    ],
  ])('%s is refused', (_case, define, says) => {
    expect(define).toThrow(
      expect.objectContaining({
        code: 'INVALID_DEFINITION',
        message: expect.stringContaining(says) as unknown,
      }) as Error,
    )
  })
})
