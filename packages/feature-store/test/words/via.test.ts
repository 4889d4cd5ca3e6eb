import { z } from 'zod'
import type { Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestWarehouse, runsOf } from '../../../warehouse/test/support/engine.ts'
import {
  entity,
  fact,
  featureService,
  featureView,
  onDemand,
  openCatalog,
  request,
  type VectorField,
  type ViewPlan,
} from '../../src/index.ts'
import { valueOf } from '../oracle/mart.ts'
import { loadMart } from '../oracle/mart-tables.ts'
import { buildView, contracts, site, START, type ViewChoice } from '../oracle/random-mart.ts'
import type { Row } from '../oracle/row.ts'
import { HOUR, mart, serviceChoice } from '../parity/random-service.ts'
import { END, mismatchesInService, viewAt, type Expected } from './expect-service.ts'

/** So many marts are computed at once; each has regions and tariffs of its own. */
const TOGETHER = 20
const runs = runsOf(10)
const sites = [
  { region: 'r', site_id: 11 },
  { region: 'r1', site_id: 1 },
  { region: 'r', site_id: 1 },
  { region: '', site_id: -5 },
  { region: 'nobody', site_id: 0 },
]

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

/** The tariff of a site at a time is the class of whose events the looked up view is. */
const group = entity('group', { c: z.string() })
const columns = {
  region: z.string(),
  site_id: z.int(),
  ts: z.date(),
  seq: z.int(),
  x: z.number().nullable(),
  n: z.int(),
}
const events = fact('mart.readings', {
  columns: { ...columns, c: z.string().nullable() },
  entities: [site],
  eventTime: 'ts',
  sequence: 'seq',
})
const grouped = fact('mart.readings', {
  columns: { ...columns, c: z.string() },
  entities: [group],
  eventTime: 'ts',
  sequence: 'seq',
})

function serviceOf({ view: choice }: { readonly view: ViewChoice }, ttl: boolean) {
  const random = buildView(choice)
  const { every, delay, zone } = choice
  const profile = featureView('profile', {
    of: site,
    from: contracts,
    every,
    delay,
    zone,
    features: (f) => ({ tariff: f.attribute('tariff') }),
  })
  const newest = featureView('newest', {
    of: site,
    from: events,
    every: '6h',
    ...(ttl ? { ttl: '1d' as const } : {}),
    features: (f) => ({ c: f.last('c'), near: f.last('n'), area: f.last('region') }),
  })
  const classes = featureView('classes', {
    of: group,
    from: grouped,
    every: '12h',
    delay: '90m',
    features: (f) => ({ n: f.count().over('2d'), mean: f.mean('x').over('36h'), last: f.last('n') }),
  })
  const other = classes
    .default({ last: 9 })
    .via(newest.as('other', { site_id: 'other_site' }).default({ c: '0.b' }), 'c')
  const gap = onDemand('gap', {
    of: [classes.via(profile, 'tariff').as('by_tariff').pick('last')],
    request: request({ km: z.number() }),
    derive: (v, r) => ({ far: v.by_tariff__last.add(r.km) }),
  })
  const service = featureService('looked_up', [
    classes.via(newest, 'c'),
    random,
    classes.via(profile, 'tariff').as('by_tariff').pick('n_2d', 'last'),
    other.as('by_other'),
    random.via(newest, { region: 'area', site_id: 'near' }).as('again'),
    gap,
  ])
  const lookups: Readonly<Record<string, Lookup>> = {
    classes: { view: classes.plan, by: newest.plan, keys: { c: 'c' }, site: 'site_id' },
    by_tariff: { view: classes.plan, by: profile.plan, keys: { c: 'tariff' }, site: 'site_id' },
    by_other: { view: classes.plan, by: newest.plan, keys: { c: 'c' }, site: 'other_site', standIn: '0.b' },
    again: { view: random.plan, by: newest.plan, keys: { region: 'area', site_id: 'near' }, site: 'site_id' },
  }
  return { service, lookups, random: random.plan, views: [random.plan, profile.plan, newest.plan, classes.plan] }
}

interface Lookup {
  readonly view: ViewPlan
  readonly by: ViewPlan
  /** The feature that has each key. */
  readonly keys: Readonly<Record<string, string>>
  /** The column of the request with the site that is asked for. */
  readonly site: string
  readonly standIn?: string
}

test(
  `via: facts, tables and online say what brute force says of ${runs * TOGETHER} marts`,
  { timeout: 600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(mart, { minLength: TOGETHER, maxLength: TOGETHER }),
        serviceChoice,
        fc.uniqueArray(fc.integer({ min: 0, max: 9 * 24 }), { minLength: 1, maxLength: 2 }),
        async (marts, choice, hours) => {
          const own = (rows: readonly Row[], i: number): readonly Row[] =>
            rows.map((row) => ({
              ...row,
              region: `${i}.${String(row['region'])}`,
              ...(row['c'] === null || row['c'] === undefined ? {} : { c: `${i}.${String(row['c'])}` }),
              // Classes are a, b and c; a site with the tariff `peak` belongs to one that has no events.
              ...(row['tariff'] === undefined ? {} : { tariff: row['tariff'] === 'flat' ? `${i}.a` : `${i}.peak` }),
            }))
          const oracle = await loadMart(
            warehouse,
            marts.flatMap(({ facts }, i) => own(facts, i)),
            marts.flatMap((one, i) => own(one.contracts, i)),
          )
          const { service, lookups, random, views } = serviceOf(choice, choice.ttl)
          const keys = marts.flatMap((_, i) =>
            own(sites, i).map((key, j): Row => ({ ...key, other_site: sites[(i + j) % 3]?.site_id ?? 0, km: i })),
          )
          const looked = (lookup: Lookup, feature: string, key: Row, t: number): Expected => {
            const asked = { region: key['region'] ?? null, site_id: key[lookup.site] ?? null }
            const found = Object.entries(lookup.keys).map(([name, from]) => {
              const value = valueOf(viewAt(oracle, lookup.by, from, asked, t).value)
              return [name, value ?? lookup.standIn ?? null] as const
            })
            if (found.some(([, value]) => value === null)) return { value: null, status: 'NOT_FOUND' }
            return viewAt(oracle, lookup.view, feature, Object.fromEntries(found), t)
          }
          const expected = (field: VectorField, key: Row, t: number): Expected => {
            if (field.view === 'random_view') return viewAt(oracle, random, field.feature, key, t)
            const lookup = lookups[field.view === 'gap' ? 'by_tariff' : field.view]
            if (lookup === undefined) throw new Error(field.view)
            if (field.view !== 'gap') {
              const answer = looked(lookup, field.feature, key, t)
              return field.default === undefined || answer.status === 'PRESENT' ? answer : { ...answer, value: 9 }
            }
            const last = valueOf(looked(lookup, 'last', key, t).value)
            return { value: last === null ? null : Number(last) + Number(key['km']), status: undefined }
          }
          await using catalog = await openCatalog({ path: ':memory:' })
          const found = await mismatchesInService(warehouse, catalog, {
            service,
            views,
            keys,
            types: { region: 'text', site_id: 'bigint', other_site: 'bigint', km: 'double' },
            request: ['km'],
            times: hours.map((hour) => Math.min(END, START + hour * HOUR)),
            expected,
          })
          expect(found).toEqual([])
        },
      ),
      { numRuns: runs, endOnFailure: true },
    )
  },
)
