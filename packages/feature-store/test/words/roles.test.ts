import { z } from 'zod'
import type { Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestWarehouse, runsOf } from '../../../warehouse/test/support/engine.ts'
import { featureService, featureView, onDemand, openCatalog, request, type VectorField } from '../../src/index.ts'
import { valueOf } from '../oracle/mart.ts'
import { loadMart } from '../oracle/mart-tables.ts'
import { buildView, contracts, site, START, type ViewChoice } from '../oracle/random-mart.ts'
import type { Row } from '../oracle/row.ts'
import { HOUR, mart, serviceChoice } from '../parity/random-service.ts'
import { END, mismatchesInService, viewAt, type Expected } from './expect-service.ts'

/** So many marts are computed at once; each has regions of its own. */
const TOGETHER = 20
const runs = runsOf(10)
const sites = [
  { region: 'r', site_id: 11 },
  { region: 'r1', site_id: 1 },
  { region: 'r', site_id: 1 },
  { region: 'nobody', site_id: 0 },
]

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

/** The columns by which each name of a view is asked for. */
const asked: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  origin: { region: 'region', site_id: 'from_site' },
  destination: { region: 'to_region', site_id: 'to_site' },
  terms: { region: 'region', site_id: 'site_id' },
  far_terms: { region: 'to_region', site_id: 'to_site' },
}

function serviceOf({ view }: { readonly view: ViewChoice }) {
  const random = buildView(view)
  const { every, delay, zone } = view
  const terms = featureView('terms', {
    of: site,
    from: contracts,
    every,
    delay,
    zone,
    features: (f) => ({ tariff: f.attribute('tariff'), level: f.attribute('level') }),
  })
  const far = terms.as('far_terms', { region: 'to_region', site_id: 'to_site' }).default({ level: -1 })
  const gap = onDemand('gap', {
    of: [terms.pick('level'), far.pick('level')],
    request: request({ km: z.number() }),
    derive: (v, r) => ({ levels: v.terms__level.sub(v.far_terms__level).add(r.km) }),
  })
  const service = featureService('roles', [
    random.as('origin', { site_id: 'from_site' }),
    random.as('destination', { region: 'to_region', site_id: 'to_site' }),
    terms,
    far,
    gap,
  ])
  const plans = { origin: random.plan, destination: random.plan, terms: terms.plan, far_terms: terms.plan }
  return { service, plans: new Map(Object.entries(plans)), views: [random.plan, terms.plan] }
}

test(
  `roles: facts, tables and online say what brute force says of ${runs * TOGETHER} marts`,
  { timeout: 600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(mart, { minLength: TOGETHER, maxLength: TOGETHER }),
        serviceChoice,
        fc.uniqueArray(fc.integer({ min: 0, max: 9 * 24 }), { minLength: 1, maxLength: 2 }),
        async (marts, choice, hours) => {
          const own = (rows: readonly Row[], i: number): readonly Row[] =>
            rows.map((row) => ({ ...row, region: `${i}.${String(row['region'])}` }))
          const oracle = await loadMart(
            warehouse,
            marts.flatMap(({ facts }, i) => own(facts, i)),
            marts.flatMap((one, i) => own(one.contracts, i)),
          )
          const { service, plans, views } = serviceOf(choice)
          const keys = marts.flatMap((_, i) =>
            own(sites, i).map((key, j): Row => {
              const to = own(sites, i)[(j + i) % sites.length] ?? key
              const from = sites[(i + 2 * j) % sites.length]?.site_id ?? 0
              return { ...key, from_site: from, to_region: to['region'] ?? '', to_site: to['site_id'] ?? 0, km: i }
            }),
          )
          const stored = (name: string, feature: string, key: Row, t: number): Expected => {
            const plan = plans.get(name)
            const columns = asked[name]
            if (plan === undefined || columns === undefined) throw new Error(name)
            const entity = Object.fromEntries(
              Object.entries(columns).map(([column, from]) => [column, key[from] ?? null]),
            )
            return viewAt(oracle, plan, feature, entity, t)
          }
          const expected = (field: VectorField, key: Row, t: number): Expected => {
            if (field.view === 'gap') {
              const [near, far] = ['terms', 'far_terms'].map((name) => valueOf(stored(name, 'level', key, t).value))
              const value =
                near === null || near === undefined ? null : Number(near) - Number(far ?? -1) + Number(key['km'])
              return { value, status: undefined }
            }
            const found = stored(field.view, field.feature, key, t)
            return field.default === undefined || found.status === 'PRESENT' ? found : { ...found, value: -1 }
          }
          await using catalog = await openCatalog({ path: ':memory:' })
          const found = await mismatchesInService(warehouse, catalog, {
            service,
            views,
            keys,
            types: {
              region: 'text',
              site_id: 'bigint',
              from_site: 'bigint',
              to_region: 'text',
              to_site: 'bigint',
              km: 'double',
            },
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
