import { z } from 'zod'
import type { Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestWarehouse, runsOf } from '../../../warehouse/test/support/engine.ts'
import { featureService, featureView, onDemand, openCatalog, request, type VectorField } from '../../src/index.ts'
import type { KeptValue } from '../../src/plan/kept-value.ts'
import { valueOf } from '../oracle/mart.ts'
import { loadMart } from '../oracle/mart-tables.ts'
import { buildView, contracts, site, START, type ViewChoice } from '../oracle/random-mart.ts'
import type { Row, Value } from '../oracle/row.ts'
import { HOUR, mart, serviceChoice } from '../parity/random-service.ts'
import { END, mismatchesInService, viewAt, type Expected } from './expect-service.ts'

/** So many marts are computed at once; each has regions of its own. */
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

const km = request({ km: z.number().nullable() })

function serviceOf(choice: { readonly view: ViewChoice }, given: readonly boolean[]) {
  const random = buildView(choice.view)
  const values = random.plan.features.flatMap(({ name, type }, i): [string, string | number][] => {
    if (given[i % given.length] !== true) return []
    return [[name, type === 'text' ? (name === 'tariff' ? 'none' : 'b') : type === 'double' ? -0.25 : 7]]
  })
  const { every, delay, zone } = choice.view
  const terms = featureView('terms', {
    of: site,
    from: contracts,
    every,
    delay,
    zone,
    features: (f) => ({ tariff: f.attribute('tariff').default('no tariff'), level: f.attribute('level') }),
    derive: (v) => ({ unknown: v.level.isNull(), twice: v.level.mul(2).default(1) }),
  })
  const distance = onDemand('distance', {
    of: [terms.pick('level').default({ level: 3 })],
    request: km,
    derive: (v, r) => ({ far: v.terms__level.add(r.km), known: v.terms__level.isNull() }),
  })
  const priced = onDemand('priced', {
    of: [terms.pick('tariff')],
    request: km,
    version: '1',
    output: { tariff: z.string() },
    compute: ({ features }) => ({ tariff: features.terms__tariff }),
  })
  const one = values.length === 0 ? random : random.default(Object.fromEntries(values))
  return {
    service: featureService('filled', [one, terms, distance, priced]),
    views: [random.plan, terms.plan],
    terms: terms.plan,
  }
}

test(
  `defaults: facts, tables and online say what brute force says of ${runs * TOGETHER} marts`,
  { timeout: 600_000 },
  async () => {
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 9 * 24 }), { minLength: 1, maxLength: 2 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(mart, { minLength: TOGETHER, maxLength: TOGETHER }),
        serviceChoice,
        fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
        times,
        async (marts, choice, given, hours) => {
          const own = (rows: readonly Row[], i: number): readonly Row[] =>
            rows.map((row) => ({ ...row, region: `${i}.${String(row['region'])}` }))
          const all = {
            facts: marts.flatMap(({ facts }, i) => own(facts, i)),
            contracts: marts.flatMap((one, i) => own(one.contracts, i)),
          }
          const oracle = await loadMart(warehouse, all.facts, all.contracts)
          const { service, views, terms } = serviceOf(choice, given)
          const keys = marts
            .flatMap((_, i) => own(sites, i))
            .map((key, i): Row => ({ ...key, km: i % 3 === 0 ? null : i }))
          const stored = (view: string, feature: string, key: Row, t: number): Expected => {
            const plan = views.find(({ name }) => name === view)
            if (plan === undefined) throw new Error(view)
            return viewAt(oracle, plan, feature, key, t)
          }
          const expected = (field: VectorField, key: Row, t: number): Expected => {
            if (field.view === 'priced')
              return { ...filled(stored('terms', 'tariff', key, t), 'no tariff'), status: undefined }
            if (field.view === 'distance') {
              const level = Number(valueOf(filled(stored(terms.name, 'level', key, t), 3).value))
              const brought = key['km'] ?? null
              const far = brought === null ? null : level + Number(brought)
              return { value: field.feature === 'known' ? false : far, status: undefined }
            }
            const found = stored(field.view, field.feature, key, t)
            return filled(found, field.default === undefined ? null : standIn(field.default, field))
          }
          await using catalog = await openCatalog({ path: ':memory:' })
          const found = await mismatchesInService(warehouse, catalog, {
            service,
            views,
            keys,
            types: { region: 'text', site_id: 'bigint', km: 'double' },
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

function filled({ value, status }: Expected, standIn: Value): Expected {
  return { value: status === 'PRESENT' ? value : standIn, status }
}

function standIn(given: KeptValue, { type }: VectorField): Value {
  return type === 'text' ? given : Number(given)
}
