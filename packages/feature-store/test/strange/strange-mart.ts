import fc from 'fast-check'
import { z } from 'zod'
import { testEngine } from '../../../warehouse/test/support/engine.ts'
import { decimal, dimension, entity, fact, featureService, featureView, precomputed } from '../../src/index.ts'
import type { Row, Value } from '../oracle/row.ts'
import { lastShowing, oddPlaces, shown } from './local-clock.ts'

const MINUTE = 60_000_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
export const DAYS = 8

/** What every column is called where nobody has odd tastes; `Names` has the same columns under other names. */
const plainNames = {
  region: 'region',
  number: 'number',
  at: 'at',
  arrived: 'arrived',
  order: 'order_no',
  x: 'x',
  kind: 'kind',
  tariff: 'tariff',
  level: 'level',
  from: 'valid_from',
  to: 'valid_to',
  computed: 'computed_at',
  loaded: 'loaded_at',
  score: 'score',
} as const
export type Names = typeof plainNames

/** Names that SQL, this package or a user's table may have: keys must be lower_snake, other columns may be anything. */
const awkwardKeys = [
  'sequence',
  'tau',
  'tile',
  'key',
  'order',
  'group',
  'rank',
  'row_number',
  'value',
  'spine',
  'window',
  'place_name',
  'at',
  'kind',
  'n',
  'k',
  'us_key',
  'feature',
  'zone',
]
const awkwardColumns = [
  ...awkwardKeys,
  'tile_start',
  'us',
  'e',
  't',
  'x1',
  'feature_time',
  'run_id',
  'spine_row',
  'j',
  'place',
  'Select',
  'with space',
  'quo"ted',
  'zürich',
  'SEQUENCE_NO',
  'null',
  'count',
  'sum',
  'until',
  'since',
  'lag',
  'v',
  'w',
  'q',
  'f',
]

const names = fc
  .tuple(
    fc.shuffledSubarray(awkwardKeys, { minLength: 2, maxLength: 2 }),
    fc.shuffledSubarray(awkwardColumns, { minLength: 14, maxLength: 14 }),
    fc.boolean(),
  )
  .map(([keys, columns, awkward]): Names => {
    if (!awkward) return plainNames
    const used = new Set(keys)
    const free = columns.filter(
      (name) => !used.has(name) && ![...used].some((one) => one.toLowerCase() === name.toLowerCase()),
    )
    const roles = Object.keys(plainNames).map((role, i) => [role, i < 2 ? keys[i] : (free[i - 2] ?? `${role}_`)])
    // Only what the types say of the names is untrue, and nothing reads that.
    return Object.fromEntries(roles) as Names
  })

const pick = <const T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)

/** How a column of times is stored: on the clock of its table's zone, or as an instant with a zone of its own. */
export type Stored = 'clock' | 'instant'

const shape = fc.record({
  place: pick(...oddPlaces),
  names,
  /** Whether tables' clocks are those of the zone, and which of their columns are instants nevertheless. */
  local: fc.boolean(),
  stored: fc.record({
    at: pick('clock', 'clock', 'instant'),
    arrived: pick('clock', 'instant'),
    from: pick('clock', 'clock', 'instant'),
    to: pick('clock', 'clock', 'instant'),
    computed: pick('clock', 'instant'),
    loaded: pick('clock', 'instant'),
  }),
  every: pick('6h', '12h', '1d', '2d'),
  delay: pick('0h', '90m', '6h'),
  late: fc.boolean(),
  population: fc.boolean(),
  ttl: fc.boolean(),
  /** Whether the numbers in keys are decimals that doubles cannot tell apart. */
  wide: fc.boolean(),
})
export type StrangeShape = typeof shape extends fc.Arbitrary<infer T> ? T : never

const instant = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: DAYS * 24 }).map((hour) => hour * HOUR) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: DAYS * 48 }).map((half) => half * 30 * MINUTE) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: DAYS * 86_400 }).map((second) => second * 1_000_000 + 1) },
)
const year = (number: number): number => Date.UTC(number, 0, 1) * 1000
/**
 * Far from everything: what exports write where they have no time. Only DuckDB has infinite times, and years behind
 * 9999.
 */
export const odd =
  testEngine === 'duckdb'
    ? {
        year100: year(100),
        year290000: 9_089_000_000_000_000_000 - (9_089_000_000_000_000_000 % 1024),
        never: Number.POSITIVE_INFINITY,
        always: Number.NEGATIVE_INFINITY,
      }
    : { year100: year(100), year290000: year(9000), never: year(9999), always: year(150) }
const isOld = (given: keyof typeof odd): boolean =>
  given === 'year100' || (given === 'always' && Number.isFinite(odd.always))

/** Seconds, offsets and odd instants become instants of a mart when it is known where the mart lies. */
const when = fc.oneof(
  { weight: 30, arbitrary: instant },
  { weight: 1, arbitrary: pick('year100', 'year290000', 'never', 'always') },
)
type When = number | keyof typeof odd

const key = fc.record({ region: pick<string>('', "a'é", 'r|1'), number: pick<number>(1, 11) })
const factRow = fc.record({
  key,
  at: when,
  late: pick(0, 0, HOUR, 7 * HOUR, 30 * HOUR, -HOUR, null),
  order: fc.integer({ min: 0, max: 3 }),
  x: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: -64, max: 64 }).map((i) => i / 8) },
    { weight: 1, arbitrary: pick(null, Number.NaN, Number.POSITIVE_INFINITY) },
  ),
  kind: pick('a', 'b', null),
})
const contractRow = fc.record({
  key,
  from: when,
  length: pick<number | null | 'never'>(null, 0, 6 * HOUR, DAY, 3 * DAY, -DAY, 'never'),
  tariff: pick('flat', 'peak', 'night'),
  level: pick(null, 1, 2, 3),
})
const scoreRow = fc.record({
  key,
  computed: when,
  lag: pick(0, HOUR, 26 * HOUR, 4 * DAY),
  score: fc.integer({ min: -3, max: 3 }),
})

/** What changes between two runs: rows go, contracts end, scores are corrected. */
const change = fc.record({
  factsGone: fc.array(fc.nat(40), { maxLength: 6 }),
  contractsGone: fc.array(fc.nat(8), { maxLength: 3 }),
  contractsEnded: fc.array(fc.tuple(fc.nat(8), instant), { maxLength: 3 }),
  scoresGone: fc.array(fc.nat(20), { maxLength: 4 }),
  corrected: fc.array(
    fc.record({ score: fc.nat(20), lag: pick(HOUR, DAY, 5 * DAY), value: fc.integer({ min: 10, max: 13 }) }),
    { maxLength: 3 },
  ),
})

const wideNumbers: Readonly<Record<number, string>> = {
  1: '9007199254740993',
  11: '9007199254740992',
  [-5]: '-9007199254740993',
  0: '0',
}

/** The number in a key as the mart has it. */
export function keyNumber({ wide }: StrangeShape, number: number): string | number {
  return wide ? (wideNumbers[number] ?? String(number)) : number
}

/**
 * Marts of one run: their tables are one, told apart by the beginning of `region`, because definitions cost more time
 * than rows.
 */
export const WORLDS = 20

const world = fc.record({
  facts: fc.array(factRow, { maxLength: 30, size: 'max' }),
  contracts: fc.uniqueArray(contractRow, {
    maxLength: 8,
    size: 'max',
    selector: ({ key: { region, number }, from }) => `${region}|${number}|${from}`,
  }),
  scores: fc.uniqueArray(scoreRow, {
    maxLength: 12,
    size: 'max',
    selector: ({ key: { region, number }, computed, lag }) => `${region}|${number}|${computed}|${lag}`,
  }),
  change,
  asked: fc.array(
    fc.record({
      key: fc.oneof(
        { weight: 6, arbitrary: key },
        { weight: 1, arbitrary: fc.constant<{ region: string; number: number }>({ region: 'nobody', number: 0 }) },
      ),
      at: instant,
    }),
    { maxLength: 20, size: 'max' },
  ),
})
type World = typeof world extends fc.Arbitrary<infer T> ? T : never

export const strangeMarts = fc.record({
  shape,
  /** Of the two runs, the second later. */
  nows: fc.tuple(instant, instant).map(([a, b]) => [Math.min(a, b), Math.max(a, b) + 1] as const),
  worlds: fc.array(world, { minLength: WORLDS, maxLength: WORLDS }),
})
export type StrangeMarts = typeof strangeMarts extends fc.Arbitrary<infer T> ? T : never

/** Who is asked for, and when, in µs since the start of the mart. */
export function askedOf({ worlds }: StrangeMarts): readonly World['asked'][number][] {
  const asked = worlds.flatMap((one, w) =>
    one.asked.map(({ key: { region, number }, at }) => ({ key: { region: `${w}${region}`, number }, at })),
  )
  return [...asked, { key: { region: 'nobody', number: 0 }, at: 0 }]
}

/**
 * The rows of a mart before and after its change: instants in µs since the epoch, columns under their awkward names.
 */
export interface StrangeTables {
  readonly facts: readonly Row[]
  readonly contracts: readonly Row[]
  readonly scores: readonly Row[]
}

export function tablesOf({ shape: of, worlds }: StrangeMarts): readonly [StrangeTables, StrangeTables] {
  const all = worlds.map((one, w) => worldTables(of, one, String(w)))
  const joined = (i: 0 | 1): StrangeTables => ({
    facts: all.flatMap((tables) => tables[i].facts),
    contracts: all.flatMap((tables) => tables[i].contracts),
    scores: all.flatMap((tables) => tables[i].scores),
  })
  return [joined(0), joined(1)]
}

function isOldFact(at: When | undefined): boolean {
  return typeof at === 'string' && isOld(at)
}

function worldTables(of: StrangeShape, mart: World, prefix: string): readonly [StrangeTables, StrangeTables] {
  const { names: n, place, local, stored } = of
  // What a clock showed before there were time zones is a matter of opinion.
  const resolve = (given: When, how: Stored): number =>
    typeof given !== 'string' ? place.start + given : isOld(given) && local && how === 'clock' ? odd.never : odd[given]
  /** What a table that keeps the clock says later: of an hour that comes twice the second. */
  const kept = (at: number, how: Stored): number =>
    !local || how === 'instant' || !(Math.abs(at) < 4e15) || Math.abs(at - place.start) > 100 * DAY
      ? at
      : lastShowing(shown(at, place.zone), place.zone)
  const keyOf = ({ region, number }: { readonly region: string; readonly number: number }): Row => ({
    [n.region]: prefix + region,
    [n.number]: keyNumber(of, number),
  })
  const facts = mart.facts.map(({ key: whose, at, late, order, x, kind }): Row => {
    const happened = resolve(at, stored.at)
    return {
      ...keyOf(whose),
      [n.at]: kept(happened, stored.at),
      [n.arrived]: late === null ? null : kept(happened + late, stored.arrived),
      [n.order]: order,
      [n.x]: x,
      [n.kind]: kind,
    }
  })
  const contracts = mart.contracts.map(({ key: whose, from, length, tariff, level }): Row => {
    const begins = resolve(from, stored.from)
    return {
      ...keyOf(whose),
      [n.tariff]: tariff,
      [n.level]: level,
      [n.from]: kept(begins, stored.from),
      [n.to]: length === null ? null : length === 'never' ? odd.never : kept(begins + length, stored.to),
    }
  })
  const scores = mart.scores.map(({ key: whose, computed, lag, score }): Row => {
    const at = resolve(computed, stored.computed)
    return {
      ...keyOf(whose),
      [n.computed]: kept(at, stored.computed),
      [n.loaded]: kept(at + lag, stored.loaded),
      [n.score]: score,
    }
  })
  const { change: changes } = mart
  const corrections = changes.corrected.flatMap(({ score, lag, value }): readonly Row[] => {
    const row = scores[score]
    const loaded: Value | undefined = row?.[n.loaded]
    return row === undefined || typeof loaded !== 'number'
      ? []
      : [{ ...row, [n.loaded]: kept(loaded + lag + 1, stored.loaded), [n.score]: value }]
  })
  const ends = new Map(changes.contractsEnded.map(([row, at]) => [row, kept(place.start + at, stored.to)]))
  const after: StrangeTables = {
    // What changes before the reach of `repair` needs a run with `from`.
    facts: facts.filter((_, i) => !changes.factsGone.includes(i) || isOldFact(mart.facts[i]?.at)),
    contracts: contracts
      .map((row, i): Row => (ends.has(i) ? { ...row, [n.to]: ends.get(i) ?? null } : row))
      .filter((_, i) => !changes.contractsGone.includes(i)),
    scores: [...scores.filter((_, i) => !changes.scoresGone.includes(i)), ...corrections],
  }
  return [{ facts, contracts, scores }, after]
}

/** The definitions over a mart. */
export function strangeService({ names: n, place, local, every, delay, late, population, ttl, wide }: StrangeShape) {
  const number = wide ? decimal(20, 0) : z.int()
  const zone = local ? { zone: place.zone } : {}
  const site = entity('site', { [n.region]: z.string(), [n.number]: number })
  const readings = fact('mart.readings', {
    columns: {
      [n.region]: z.string(),
      [n.number]: number,
      [n.at]: z.date(),
      [n.arrived]: z.date().nullable(),
      [n.order]: z.int(),
      [n.x]: z.number().nullable(),
      [n.kind]: z.string().nullable(),
    },
    entities: [site],
    eventTime: n.at,
    sequence: n.order,
    ...(late ? { knownAt: n.arrived } : {}),
    ...zone,
  })
  const contracts = dimension('mart.contracts', {
    columns: {
      [n.region]: z.string(),
      [n.number]: number,
      [n.tariff]: z.string(),
      [n.level]: z.number().nullable(),
      [n.from]: z.date(),
      [n.to]: z.date().nullable(),
    },
    entity: site,
    validFrom: n.from,
    validTo: n.to,
    ...zone,
  })
  const scored = precomputed('mart.scores', {
    columns: {
      [n.region]: z.string(),
      [n.number]: number,
      [n.computed]: z.date(),
      [n.loaded]: z.date(),
      [n.score]: z.number().nullable(),
    },
    entity: site,
    time: n.computed,
    created: n.loaded,
    ...zone,
  })
  const kept = ttl ? { ttl: '3d' as const } : {}
  const windows = featureView('windows', {
    of: site,
    from: readings,
    every,
    delay,
    zone: place.zone,
    repair: '60d',
    ...(population ? { population: contracts } : {}),
    ...kept,
    features: (f) => ({
      n: f.count().over('1d'),
      total: f.sum(n.x).over('2d'),
      highest: f.max(n.x).over('7d'),
      first: f.first(n.x).over('2d'),
      last: f.last(n.x).over('7d'),
      ever: f.count().lifetime(),
      kinds: f.distinct(n.kind).over('2d'),
      newest: f.sum(n.x).overLast(2),
      quiet: f.age(),
      tariff: f.attribute(contracts, n.tariff),
      level: f.attribute(contracts, n.level),
      hour: f.calendar('hour'),
      weekday: f.calendar('dayOfWeek'),
    }),
  })
  const scores = featureView('scores', {
    of: site,
    from: scored,
    every: '1d',
    delay,
    ...kept,
    features: (f) => ({ score: f.column(n.score) }),
  })
  // Scores come first: what a run does must not depend on the order in which views are given.
  return { service: featureService('strange', [scores, windows]), windows: windows.plan, scores: scores.plan }
}
