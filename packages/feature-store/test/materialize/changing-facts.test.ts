import fc from 'fast-check'
import { sql } from 'kysely'
import { MartletError, rowsOf, type Warehouse } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { runsOf } from '../../../warehouse/test/support/engine.ts'
import { applyDefinitions } from '../../src/catalog/apply.ts'
import { toMicros } from '../../src/catalog/instant.ts'
import { planDefinitions } from '../../src/catalog/plan-definitions.ts'
import { compileViewRows } from '../../src/compile/view-sql.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { MaterializeFailed } from '../../src/materialize/failed-views.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import type { MaterializedView } from '../../src/materialize/run-view.ts'
import type { ViewPlan } from '../../src/plan/view-plan.ts'
import { disagreement } from '../oracle/exact/agree.ts'
import { loadMart } from '../oracle/mart-tables.ts'
import type { Row } from '../oracle/row.ts'
import { contractRow, contracts, DAYS, factRow, lateReadings, readings, site, START } from '../oracle/random-mart.ts'
import { inPlace } from './in-place.ts'

const HOUR = 3_600_000_000n
const numRuns = runsOf(5)

const days = featureView('days', {
  of: site,
  from: readings,
  every: '1d',
  repair: '1d',
  features: (f) => ({ x: f.sum('x').over('1d', '3d'), most: f.max('x').over('2d'), c: f.distinct('c').over('2d') }),
})
/** On the same tiles as `days`, of other columns. */
const ever = featureView('ever', {
  of: site,
  from: readings,
  every: '1d',
  delay: '6h',
  features: (f) => ({
    n: f.sum('n').lifetime(),
    readings: f.count().lifetime(),
    c: f.last('c').over('7d'),
    newest: f.sum('n').overLast(2),
  }),
})
const halves = featureView('halves', {
  of: site,
  from: readings,
  every: '12h',
  repair: '12h',
  features: (f) => ({
    of_a: f
      .sum('n')
      .where((r) => r.c.eq('a'))
      .over('1d'),
    silent: f.age(),
    before: f.count().over('12h').shift('1d'),
  }),
})
const local = featureView('local', {
  of: site,
  from: readings,
  every: '1d',
  zone: 'Europe/Zurich',
  features: (f) => ({ n: f.sum('n').over('1d'), mean: f.mean('x').over('2d') }),
})
const contracted = featureView('contracted', {
  of: site,
  from: readings,
  every: '1d',
  population: contracts,
  features: (f) => ({ n: f.sum('n').over('2d'), tariff: f.attribute(contracts, 'tariff') }),
})
const arrived = featureView('arrived', {
  of: site,
  from: lateReadings,
  every: '1d',
  delay: '6h',
  features: (f) => ({ n: f.sum('n').over('2d'), c: f.distinct('c').lifetime() }),
})
const views = [days, ever, halves, local, contracted, arrived]

/** Rows that no tile is made of: without a key, or of no time. */
const unusual = factRow.chain((row) =>
  fc.constantFrom<Row>({ ...row, region: null }, { ...row, ts: null }, { ...row, x: -0 }, { ...row, x: 0 }),
)
const fact = fc.oneof({ weight: 8, arbitrary: factRow }, { weight: 1, arbitrary: unusual })

type Change =
  | { readonly kind: 'add'; readonly rows: readonly Row[] }
  | { readonly kind: 'remove'; readonly places: readonly number[] }
  | { readonly kind: 'change'; readonly place: number; readonly to: Row }
  | { readonly kind: 'swap'; readonly places: readonly [number, number]; readonly column: 'x' | 'n' | 'c' | 'site_id' }
  | { readonly kind: 'remove entity'; readonly place: number }

const place = fc.nat({ max: 1000 })
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), rows: fc.array(fact, { minLength: 1, maxLength: 3 }) }),
  fc.record({ kind: fc.constant('remove' as const), places: fc.array(place, { minLength: 1, maxLength: 3 }) }),
  fc.record({
    kind: fc.constant('change' as const),
    place,
    to: fact.chain((row) =>
      fc.constantFrom<Row>(
        { x: row['x'] ?? null },
        { n: row['n'] ?? null },
        { c: row['c'] ?? null },
        { ts: row['ts'] ?? null },
        { seq: row['seq'] ?? null },
      ),
    ),
  }),
  fc.record({
    kind: fc.constant('swap' as const),
    places: fc.tuple(place, place),
    column: fc.constantFrom('x' as const, 'n' as const, 'c' as const, 'site_id' as const),
  }),
  fc.record({ kind: fc.constant('remove entity' as const), place }),
)

function changed(facts: readonly Row[], one: Change): readonly Row[] {
  const at = (index: number): Row | undefined => facts[index % Math.max(1, facts.length)]
  switch (one.kind) {
    case 'add':
      return [...facts, ...one.rows]
    case 'remove': {
      const gone = new Set(one.places.map(at))
      return facts.filter((row) => !gone.has(row))
    }
    case 'change':
      return facts.map((row): Row => (row === at(one.place) ? { ...row, ...one.to } : row))
    case 'swap': {
      const [a, b] = one.places.map(at)
      if (a === undefined || b === undefined) return facts
      const value: Row = { [one.column]: b[one.column] ?? null }
      const other: Row = { [one.column]: a[one.column] ?? null }
      return facts.map((row) => (row === a ? { ...a, ...value } : row === b ? { ...b, ...other } : row))
    }
    case 'remove entity': {
      const gone = at(one.place)
      return facts.filter((row) => row['region'] !== gone?.['region'] || row['site_id'] !== gone?.['site_id'])
    }
  }
}

interface Night {
  readonly changes: readonly Change[]
  readonly hours: number
  readonly of: readonly (typeof views)[number][]
  /** The hour after the beginning from which rows are written again; null: those that a run writes by itself. */
  readonly from: number | null
  readonly chunk: number
  /** After how many chunks the run is cancelled; null: never. */
  readonly stop: number | null
}

const night: fc.Arbitrary<Night> = fc.record({
  changes: fc.oneof(fc.constant([]), fc.array(change, { minLength: 1, maxLength: 3 })),
  hours: fc.constantFrom(0, 12, 24, 36, 72),
  of: fc.oneof(
    { weight: 2, arbitrary: fc.constant(views) },
    { weight: 1, arbitrary: fc.subarray(views, { minLength: 1 }) },
  ),
  from: fc.option(fc.integer({ min: 0, max: DAYS * 24 }), { freq: 3 }),
  chunk: fc.constantFrom(1, 2, 100),
  stop: fc.option(fc.integer({ min: 1, max: 4 }), { freq: 4 }),
})

type Rows = ReadonlyMap<string, Readonly<Record<string, unknown>>>

function byPlace(view: ViewPlan, rows: readonly Readonly<Record<string, unknown>>[]): Rows {
  return new Map(
    rows.map((row) => [
      JSON.stringify([row['feature_time'], ...view.entity.keys.map(({ name }) => row[name] ?? null)]),
      row,
    ]),
  )
}

async function fromFacts(warehouse: Warehouse, view: ViewPlan, from: bigint, to: bigint): Promise<Rows> {
  return warehouse.session(async (session) => {
    const { prepare, query, cleanup } = compileViewRows(session, view, { from, to })
    for (const statement of prepare) await session.run(statement)
    const rows = rowsOf(await session.read(query))
    for (const statement of cleanup) await session.run(statement)
    return byPlace(view, rows)
  })
}

async function stored(warehouse: Warehouse, view: ViewPlan): Promise<Rows> {
  return byPlace(view, rowsOf(await warehouse.read(sql`SELECT * FROM ${sql.id('features', view.name)}`)))
}

/** The feature times at which the table is not what the facts give. */
function differences(view: ViewPlan, table: Rows, expected: Rows): readonly bigint[] {
  const same = (place: string): boolean => {
    const [row, other] = [table.get(place), expected.get(place)]
    if (row === undefined || other === undefined) return false
    return view.features.every(({ name }) => disagreement(plain(row[name]), plain(other[name])) === undefined)
  }
  return [...new Set([...table.keys(), ...expected.keys()])].flatMap((place) => {
    if (same(place)) return []
    const [time]: readonly unknown[] = JSON.parse(place)
    return [toMicros(String(time))]
  })
}

function plain(value: unknown): Parameters<typeof disagreement>[0] {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? value : null
}

test(
  'whatever happens to facts between runs, every row that a run writes is what they say then, and older rows that differ are found',
  { timeout: 300_000 + 60_000 * numRuns },
  () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fact, { minLength: 5, maxLength: 40 }),
        fc.array(contractRow, { maxLength: 6 }),
        fc.array(night, { minLength: 2, maxLength: 4 }),
        (given, held, nights) =>
          inPlace(async ({ warehouse, catalog }) => {
            let facts: readonly Row[] = given
            let now = BigInt(START) + 4n * 24n * HOUR
            const untouched = new Set(views)
            await loadMart(warehouse, facts, held)
            await applyDefinitions(catalog, await planDefinitions(catalog, views))
            const first: Night = { changes: [], hours: 0, of: views, from: null, chunk: 100, stop: null }
            for (const { changes, hours, of, from, chunk, stop } of [first, ...nights]) {
              if (changes.length > 0) {
                facts = changes.reduce(changed, facts)
                await loadMart(warehouse, facts, held)
                untouched.clear()
              }
              now += BigInt(hours) * HOUR
              const cancel = new AbortController()
              let chunks = 0
              const done = await materialize({
                warehouse,
                catalog,
                views: of,
                now,
                quality: false,
                chunk: { instants: chunk },
                signal: cancel.signal,
                onProgress: ({ type }) => void (type === 'chunk' && ++chunks === stop && cancel.abort()),
                ...(from === null ? {} : { from: BigInt(START) + BigInt(from) * HOUR }),
              }).catch((error: unknown) => (cancel.signal.aborted ? [] : exceptGaps(error)))
              for (const view of of) {
                const result = done.find((one) => one.view === view.name)
                if (result?.action === 'write' && result.from !== null && result.to !== null)
                  await check(warehouse, view.plan, result, untouched.has(view))
              }
            }
          }),
      ),
      { numRuns },
    ),
)

/** A range that would leave a hole is refused; the other views are written. */
function exceptGaps(error: unknown): readonly MaterializedView[] {
  if (error instanceof MaterializeFailed && error.failed.every(({ code }) => code === 'MATERIALIZE_GAP'))
    return error.done
  if (error instanceof MartletError && error.code === 'MATERIALIZE_GAP') return []
  throw error
}

async function check(
  warehouse: Warehouse,
  view: ViewPlan,
  { from, to, findings }: MaterializedView,
  untouched: boolean,
): Promise<void> {
  const table = await stored(warehouse, view)
  const [begin, end] = [BigInt(START) - 48n * HOUR, BigInt(START) + 1000n * HOUR]
  const times = [...table.keys()].map((key) => toMicros(String((JSON.parse(key) as readonly unknown[])[0])))
  const written = { from: from ?? begin, to: to ?? end }
  const since = times.reduce((least, time) => (time < least ? time : least), written.from)
  const until = times.reduce((most, time) => (time >= most ? time + 1n : most), written.to)
  const differ = differences(view, table, await fromFacts(warehouse, view, since, until))
  expect(
    differ.filter((time) => time >= written.from && time < written.to),
    `rows of ${view.name} that were just written`,
  ).toEqual([])
  // What is known by its arrival is never compared: a row of it says for ever what was known at its time.
  if (view.name === 'arrived') return
  const [finding] = findings
  if (untouched) expect(finding, `${view.name} before any fact has changed`).toBeUndefined()
  if (differ.length === 0) return
  expect(finding, `${view.name} differs at ${differ.join(', ')}`).toBeDefined()
  const repair = toMicros(/--from (\S+)`/.exec(finding?.message ?? '')?.[1] ?? '')
  expect(differ.filter((time) => time < repair)).toEqual([])
  const shown = rowsOf<{ feature_time: Date }>(
    await warehouse.read(sql`SELECT DISTINCT feature_time FROM (${sql.raw(finding?.query ?? '')}) q`),
  )
  const found = new Set(shown.map((row) => toMicros(row.feature_time)))
  expect(
    differ.filter((time) => times.includes(time) && !found.has(time)),
    `rows of ${view.name} that the finding's query shows`,
  ).toEqual([])
}
