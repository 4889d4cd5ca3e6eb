import type { Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestWarehouse, runsOf } from '../../../warehouse/test/support/engine.ts'
import { compileTraining } from '../../src/compile/training-sql.ts'
import {
  days,
  featureService,
  featureView,
  T,
  type AggregateBuilder,
  type AnyEntity,
  type Fact,
  type WindowClock,
} from '../../src/index.ts'
import { stageSpine } from '../../src/read/spine.ts'
import { closedAt } from './closing.ts'
import { agree } from './exact/agree.ts'
import { loadMart, rowsOf, spineBatch } from './mart-tables.ts'
import { featureRow } from './oracle.ts'
import { lateReadings, readings, site, START, unorderedReadings } from './random-mart.ts'
import type { Row } from './row.ts'

/** Each with four marts, whose entities are those of one region. */
const runs = runsOf(50)
const SECOND = 1_000_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

const pick = <const V>(...values: readonly V[]): fc.Arbitrary<V> => fc.constantFrom(...values)

/** Many events within two hours and some over ten days, on, just before and just after steps of windows. */
const time = fc
  .tuple(
    fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 0, max: 240 }).map((i) => i * 30 * SECOND) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 480 }).map((i) => -i * 30 * MINUTE) },
    ),
    pick(0, 0, 0, -1, 1, 7 * SECOND),
  )
  .map(([at, off]) => START + at + off)
const value = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -64, max: 64 }).map((i) => i / 8) },
  { weight: 2, arbitrary: fc.double({ min: -1e9, max: 1e9, noNaN: true }) },
  { weight: 1, arbitrary: pick(null, Number.NaN, Number.POSITIVE_INFINITY) },
)
const key = fc.record({ region: pick('r', 'r1', '', 'q'), site_id: pick(1, 11, -5) })
const event = fc
  .record({
    key,
    ts: time,
    late: pick(0, 0, 0, 1, 30 * SECOND, 5 * MINUTE, HOUR, 3 * HOUR, 2 * DAY, -MINUTE, -HOUR, null),
    seq: fc.integer({ min: 0, max: 3 }),
    x: value,
    n: fc.integer({ min: -3, max: 3 }),
    c: pick('a', 'b', 'c', null),
  })
  .map(({ key: of, late, ...row }): Row => ({ ...of, ...row, arrived: late === null ? null : row.ts + late }))
const asked = fc
  .tuple(
    fc.oneof({ weight: 8, arbitrary: key }, { weight: 1, arbitrary: fc.constant({ region: 'nobody', site_id: 0 }) }),
    time,
    pick(0, 0, 1, MINUTE, HOUR, HOUR - 1, DAY, 8 * DAY),
  )
  .map(([of, at, after]): Row => ({ ...of, at: at + after }))

const feature = fc.record({
  of: pick(
    'count',
    'sum',
    'mean',
    'min',
    'max',
    'stddev',
    'variance',
    'first',
    'last',
    'ratio',
    'any',
    'all',
    'product',
    'with_sum',
    'text_last',
    'text_first',
    'text_max',
    'time_last',
  ),
  over: pick('1m', '5m', '1h', '90m', '24h', '7d', null),
  where: pick('none', 'none', 'text', 'number', 'by'),
})
type FeatureChoice = typeof feature extends fc.Arbitrary<infer C> ? C : never

const enriched = {
  plain: readings.with((r) => ({ wide: r.n.mul(r.n) })),
  unordered: unorderedReadings.with((r) => ({ wide: r.n.mul(r.n) })),
  late: lateReadings.with((r) => ({ wide: r.n.mul(r.n) })),
}
type Source = keyof typeof enriched
type RowIn<F> = F extends Fact<infer R, AnyEntity> ? R : never

function aggregateOf(f: AggregateBuilder<RowIn<typeof enriched.plain>>, of: FeatureChoice['of']) {
  switch (of) {
    case 'count':
      return f.count()
    case 'sum':
      return f.sum('x')
    case 'mean':
      return f.mean('x')
    case 'min':
      return f.min('x')
    case 'max':
      return f.max('x')
    case 'stddev':
      return f.stddev('x')
    case 'variance':
      return f.variance('x')
    case 'first':
      return f.first('x')
    case 'last':
      return f.last('x')
    case 'ratio':
      return f.ratio(f.sum('x'), f.count())
    case 'any':
      return f.any((r) => r.x.gt(1))
    case 'all':
      return f.all((r) => r.n.ge(-2))
    case 'product':
      return f.sum((r) => r.x.mul(r.n))
    case 'with_sum':
      return f.sum('wide')
    case 'text_last':
      return f.last('c')
    case 'text_first':
      return f.first('c')
    case 'text_max':
      return f.max('c')
    case 'time_last':
      return f.last('ts')
  }
}

function windowed(f: AggregateBuilder<RowIn<typeof enriched.plain>>, { of, over, where }: FeatureChoice): unknown {
  const plain = aggregateOf(f, of)
  if (where === 'by') {
    const pivot = plain.by('c', ['a', 'b'])
    return over === null ? pivot.lifetime() : pivot.over(over)
  }
  const some =
    where === 'text'
      ? plain.where((r) => r.c.eq('a'))
      : where === 'number'
        ? plain.where((r) => r.x.gt(0).or(r.n.lt(0)))
        : plain
  return over === null ? some.lifetime() : some.over(over)
}

function viewOf(clock: WindowClock, source: Source, chosen: readonly FeatureChoice[]) {
  return featureView('asked', {
    of: site,
    from: enriched[source],
    every: 'continuous',
    clock,
    features: (f) => {
      const fixed = { newest: f.last('ts'), n: f.count().over('5m') }
      const more = chosen.map((choice, i) => [`f${i}`, windowed(f, choice)])
      return Object.assign(fixed, Object.fromEntries(more)) as typeof fixed
    },
    derive: (v) => ({ since: days(v.newest, T), twice: v.n_5m.mul(2) }),
  })
}

test(
  'continuous views at any instant equal brute force, by both clocks, with late and unordered events, by every strategy',
  { timeout: 600_000 },
  async () => {
    let rowsSeen = 0
    let behind = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 160 }),
        pick('wall', 'newest event'),
        pick('plain', 'unordered', 'late', 'late'),
        fc.array(feature, { minLength: 1, maxLength: 5 }),
        fc.array(asked, { minLength: 1, maxLength: 80 }),
        pick(undefined, undefined, 'direct'),
        async (events, clock, source, chosen, spine, lookup) => {
          const mart = await loadMart(warehouse, events, [])
          const view = viewOf(clock, source, chosen)
          const { plan } = featureService('asked', [view])
          const rows = await warehouse.session(async (session) => {
            const staged = await stageSpine(
              session,
              { rows: spineBatch(spine) },
              'at',
              site.plan.keys,
              'spine_continuous',
              {},
            )
            const compiled = compileTraining(session.leaves, plan, [], staged, {
              asOf: 0n,
              from: 'facts',
              featureTable: () => {
                throw new Error('continuous views have no feature table')
              },
              ...(lookup === undefined ? {} : { lookup }),
            })
            for (const statement of compiled.prepare) await session.run(statement)
            const found = rowsOf(await session.read(compiled.query))
            for (const statement of compiled.cleanup) await session.run(statement)
            return found.toSorted((a, b) => Number(a['spine_row']) - Number(b['spine_row']))
          })
          expect(rows).toHaveLength(spine.length)
          for (const [i, { at, ...of }] of spine.entries()) {
            const answers = featureRow(mart, view.plan, of, Number(at))
            if (answers !== null) rowsSeen++
            if (closedAt(mart, view.plan, Number(at)) < Number(at)) behind++
            for (const { name } of view.plan.features)
              agree(
                rows[i]?.[`asked__${name}`] ?? null,
                answers?.[name] ?? null,
                `${name} of spine row ${i}, ${JSON.stringify(spine[i])}, ${clock}, ${lookup ?? 'fast'}`,
              )
          }
        },
      ),
      { numRuns: runs },
    )
    expect(rowsSeen).toBeGreaterThan(runs)
    expect(behind).toBeGreaterThan(0)
  },
)
