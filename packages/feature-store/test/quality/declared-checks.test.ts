import type { Warehouse } from '@martlet/warehouse'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { toMicros } from '../../src/catalog/instant.ts'
import { days } from '../../src/define/expressions/instants.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { decimal } from '../../src/define/sources/decimal.ts'
import { dimension } from '../../src/define/sources/dimension.ts'
import { entity } from '../../src/define/sources/entity.ts'
import { fact, intervals } from '../../src/define/sources/fact.ts'
import { lookupTable } from '../../src/define/sources/lookup-table.ts'
import { precomputed } from '../../src/define/sources/precomputed.ts'
import { checkView, type CheckOptions } from '../../src/quality/check-view.ts'
import { findingText } from '../../src/quality/finding.ts'
import type { ScanRange } from '../../src/quality/view-scans.ts'
import { fillTable, type TextRow } from './filled-table.ts'

const customer = entity('customer', { customer_id: z.string() })
const customers = dimension('mart.dim_customer', {
  columns: {
    customer_id: z.string(),
    Tier: z.string(),
    number: z.int(),
    valid_from: z.date(),
    valid_to: z.date().nullable(),
  },
  entity: customer,
  validFrom: 'valid_from',
  validTo: 'valid_to',
  checks: (c) => ({
    one_row_per_validity: c.unique(['customer_id', 'valid_from'], { severity: 'error' }),
    tier_known: c.rows((r) => r.Tier.oneOf('gold', 'basic')),
    customers: c.aggregate((f) => f.distinct('customer_id'), { between: [1, 2] }),
  }),
})
const columns = {
  shipment_id: z.string(),
  customer_id: z.string().nullable(),
  customer_number: z.number().nullable(),
  picked_up_at: z.date(),
  delivered_at: z.date().nullable(),
  kg: z.number().nullable(),
  'Max kg': z.int().nullable(),
  price: decimal(38, 2).nullable(),
  fee: decimal(12, 2).nullable(),
  late: z.boolean().nullable(),
}
const shipments = fact('mart.fact_shipment', {
  columns,
  entities: [customer],
  eventTime: 'picked_up_at',
  checks: (c) => ({
    one_row_per_shipment: c.unique('shipment_id'),
    customer_exists: c.relationship(customers, { customer_id: 'customer_id' }),
    customer_valid: c.relationship(customers, { customer_id: 'customer_id' }, { asOf: 'picked_up_at' }),
    number_exists: c.relationship(customers, { customer_number: 'number', customer_id: 'customer_id' }),
    delivered_after_pickup: c.rows((r) => r.delivered_at.ge(r.picked_up_at), { severity: 'error' }),
    capacity_kept: c.rows((r) => r.kg.le(r['Max kg'])),
    price_plausible: c.rows((r) => r.price.lt(1e30)),
    late_share: c.aggregate((f) => f.share((r) => r.late), { between: [0, 0.5] }),
    revenue: c.aggregate((f) => f.sum('fee'), { atLeast: 0 }),
    mean_load: c.aggregate((f) => f.mean((r) => r.kg.div(r['Max kg'])), { atMost: 1 }),
    heaviest: c.aggregate((f) => f.max('kg'), { atMost: 1000 }),
    lightest: c.aggregate((f) => f.min('kg'), { atLeast: 0 }),
    enough: c.aggregate((f) => f.count(), { atLeast: 1 }),
    light: c.aggregate((f) => f.count((r) => r.kg.lt(1)), { atMost: 1 }),
    no_twins: c.sql(
      `SELECT a.customer_id, COUNT(*) AS n FROM mart.fact_shipment a GROUP BY 1 HAVING COUNT(*) > 3 -- more than 3`,
    ),
  }),
})
const view = featureView('shipped', {
  of: customer,
  from: shipments,
  every: '1d',
  features: (f) => ({ kg: f.sum('kg').over('7d'), tier: f.attribute(customers, 'Tier') }),
})

const SHIPMENTS = {
  shipment_id: 'text',
  customer_id: 'text',
  customer_number: 'double',
  picked_up_at: 'timestamp',
  delivered_at: 'timestamp',
  kg: 'double',
  'Max kg': 'bigint',
  price: { decimal: [38, 2] },
  fee: { decimal: [12, 2] },
  late: 'boolean',
} as const
const CUSTOMERS = {
  customer_id: 'text',
  Tier: 'text',
  number: 'bigint',
  valid_from: 'timestamp',
  valid_to: 'timestamp',
} as const

const now = toMicros('2024-03-01')
const everything: ScanRange = { from: null, to: null, now }
const since = (text: string): ScanRange => ({ from: toMicros(text), to: null, now })
const declared = (found: { readonly declared?: string }): boolean => found.declared !== undefined

function shipment(row: TextRow, index: number): TextRow {
  return {
    shipment_id: `S${index}`,
    customer_id: 'anna',
    customer_number: '1',
    picked_up_at: `2024-02-01 0${index}:00:00`,
    delivered_at: null,
    kg: '10',
    'Max kg': '20',
    price: '9.50',
    fee: '9.50',
    late: 'false',
    ...row,
  }
}

const anna: TextRow = { customer_id: 'anna', Tier: 'gold', number: '1', valid_from: '2024-01-01', valid_to: null }

/** In the scan that all share first, in statements of their own after it. */
const order = (text: string): number => (text.includes(' does not meet ') || text.includes(', and may be ') ? 0 : 1)

describe('declared checks', () => {
  let warehouse: Warehouse
  beforeAll(async () => {
    warehouse = await openTestWarehouse()
    return () => warehouse.close()
  })

  async function found(
    rows: readonly TextRow[],
    of: readonly TextRow[] = [anna],
    range: ScanRange = everything,
    options: CheckOptions = {},
  ): Promise<readonly string[]> {
    await fillTable(warehouse, 'mart.fact_shipment', SHIPMENTS, rows.map(shipment))
    await fillTable(warehouse, 'mart.dim_customer', CUSTOMERS, of)
    const { findings } = await checkView(warehouse, view, range, { series: true, ...options })
    // Examples with times are texts as the engine prints them.
    return (
      findings
        .filter(declared)
        .map(findingText)
        .map((text) => text.replaceAll(/(:\d\d)\.0+/g, '$1').replaceAll(/(\d)\.0\b/g, '$1'))
        // Names without quotes are upper case on Snowflake.
        .map((text) => text.replace('CUSTOMER_ID anna, N 4', 'customer_id anna, n 4'))
    )
  }

  test.for<[name: string, rows: readonly TextRow[], of: readonly TextRow[], findings: readonly string[]]>([
    ['nothing is wrong', [{}, {}], [anna], []],
    [
      'nulls break nothing',
      [{ customer_id: null, kg: null, price: null, late: null, customer_number: null }],
      [anna],
      [],
    ],
    [
      'one id three times, and a null id',
      [{ shipment_id: 'A' }, { shipment_id: 'A' }, { shipment_id: 'A' }, { shipment_id: null }],
      [anna],
      [
        'warn mart.fact_shipment.one_row_per_shipment: has the same shipment_id as another row in 2 of 3 rows, for example shipment_id A',
        `warn mart.fact_shipment.no_twins: its query finds 1 row, for example customer_id anna, n 4`,
      ],
    ],
    [
      'values that the other table does not have',
      [{ customer_id: 'bert' }, { customer_id: 'bert' }, { customer_number: '1.5' }, {}],
      [anna],
      [
        'warn mart.fact_shipment.customer_exists: has a customer_id that is not in mart.dim_customer (customer_id) in 2 of 4 rows, for example customer_id bert',
        'warn mart.fact_shipment.customer_valid: has a customer_id that is not in mart.dim_customer (customer_id) at its picked_up_at in 2 of 4 rows, ' +
          'for example customer_id bert, picked_up_at 2024-02-01 00:00:00; customer_id bert, picked_up_at 2024-02-01 01:00:00',
        'warn mart.fact_shipment.number_exists: has a customer_number, customer_id that is not in mart.dim_customer (number, customer_id) in 3 of 4 rows, ' +
          'for example customer_number 1, customer_id bert; customer_number 1.5, customer_id anna',
      ],
    ],
    [
      'a customer who was not valid yet, or any more',
      [
        { picked_up_at: '2023-12-31' },
        { picked_up_at: '2024-01-01' },
        { picked_up_at: '2024-02-02' },
        { picked_up_at: '2024-02-03' },
      ].map((row, index) => ({ ...row, shipment_id: `T${index}`, customer_id: index > 1 ? 'carl' : 'anna' })),
      [anna, { ...anna, customer_id: 'carl', valid_to: '2024-02-03' }],
      [
        'warn mart.fact_shipment.customer_valid: has a customer_id that is not in mart.dim_customer (customer_id) at its picked_up_at in 2 of 4 rows, ' +
          'for example customer_id anna, picked_up_at 2023-12-31 00:00:00; customer_id carl, picked_up_at 2024-02-03 00:00:00',
      ],
    ],
    [
      'rows that break conditions, errors first',
      [
        { kg: '21', delivered_at: '2024-01-31' },
        { kg: '20', delivered_at: '2024-03-01', price: '999999999999999999999999999999999999.99' },
        { kg: 'NaN' },
      ],
      [anna],
      [
        'error mart.fact_shipment.delivered_after_pickup: does not meet delivered_at >= picked_up_at in 1 of 3 rows, ' +
          'for example customer_id anna, picked_up_at 2024-02-01 00:00:00, delivered_at 2024-01-31 00:00:00',
        'warn mart.fact_shipment.capacity_kept: does not meet kg <= Max kg in 1 of 3 rows, ' +
          'for example customer_id anna, picked_up_at 2024-02-01 00:00:00, kg 21, Max kg 20',
        'warn mart.fact_shipment.price_plausible: does not meet price < 1e+30 in 1 of 3 rows, ' +
          'for example customer_id anna, picked_up_at 2024-02-01 01:00:00, price 999999999999999999999999999999999999.99',
        'warn mart.fact_shipment.mean_load: mean of kg / Max kg is 1.025, and may be at most 1',
      ],
    ],
    [
      'numbers of all rows beyond their bounds',
      [
        { late: 'true', kg: '0.5' },
        { late: 'true', kg: '0.25' },
        { late: null, kg: '-1' },
        { late: 'false', kg: '2000', 'Max kg': '4000' },
      ].map((row, index) => ({ ...row, customer_id: index > 0 ? 'anna' : null })),
      [anna],
      [
        'warn mart.fact_shipment.late_share: share of late is 0.6666666666666666, and may be between 0 and 0.5',
        'warn mart.fact_shipment.heaviest: max of kg is 2000, and may be at most 1000',
        'warn mart.fact_shipment.lightest: min of kg is -1, and may be at least 0',
        'warn mart.fact_shipment.light: count of kg < 1 is 3, and may be at most 1',
      ],
    ],
    [
      'a sum of decimals below its bound',
      [{ fee: '-9.51' }, {}],
      [anna],
      ['warn mart.fact_shipment.revenue: sum of fee is -0.01, and may be at least 0'],
    ],
    [
      'a dimension',
      [{}],
      [anna, { ...anna, Tier: 'silver' }, { ...anna, customer_id: 'b' }, { ...anna, customer_id: 'c' }],
      [
        'error mart.dim_customer.one_row_per_validity: has the same customer_id, valid_from as another row in 1 of 4 rows, ' +
          'for example customer_id anna, valid_from 2024-01-01 00:00:00',
        'warn mart.dim_customer.tier_known: does not meet Tier in ["gold","basic"] in 1 of 4 rows, ' +
          'for example customer_id anna, valid_from 2024-01-01 00:00:00, Tier silver',
        'warn mart.dim_customer.customers: distinct of customer_id is 3, and may be between 1 and 2',
      ],
    ],
  ])('%s', async ([, rows, of, findings]) => {
    expect(await found(rows, of)).toEqual(findings)
  })

  test('no rows: a count fails, and nothing else', async () => {
    expect(await found([])).toEqual(['warn mart.fact_shipment.enough: the number of rows is 0, and may be at least 1'])
  })

  test('a later run looks at its own rows, and compares ids with older ones too', async () => {
    const rows = [
      { shipment_id: 'A', kg: '99', customer_id: 'bert' },
      { shipment_id: 'B' },
      { shipment_id: 'B', kg: '99' },
      { shipment_id: 'A' },
      { shipment_id: 'C', customer_id: 'carl' },
      { shipment_id: 'A', picked_up_at: null },
    ]
    expect(
      await found(rows, [anna], since('2024-02-01T02:00:00Z'), { severity: { 'mart.fact_shipment.no_twins': 'off' } }),
    ).toEqual(
      [
        'warn mart.fact_shipment.one_row_per_shipment: has the same shipment_id as another row in 2 of 3 rows, for example shipment_id A; shipment_id B',
        'warn mart.fact_shipment.customer_exists: has a customer_id that is not in mart.dim_customer (customer_id) in 1 of 3 rows, for example customer_id carl',
        'warn mart.fact_shipment.customer_valid: has a customer_id that is not in mart.dim_customer (customer_id) at its picked_up_at in 1 of 3 rows, for example customer_id carl, picked_up_at 2024-02-01 04:00:00',
        'warn mart.fact_shipment.number_exists: has a customer_number, customer_id that is not in mart.dim_customer (number, customer_id) in 1 of 3 rows, for example customer_number 1, customer_id carl',
        'warn mart.fact_shipment.capacity_kept: does not meet kg <= Max kg in 1 of 3 rows, for example customer_id anna, picked_up_at 2024-02-01 02:00:00, kg 99, Max kg 20',
        'warn mart.fact_shipment.mean_load: mean of kg / Max kg is 1.9833333333333334, and may be at most 1',
      ].toSorted((a, b) => order(a) - order(b)),
    )
  })

  test('severities are set by table and name, and examples are left out on demand', async () => {
    const options: CheckOptions = {
      redact: true,
      severity: { 'mart.fact_shipment.one_row_per_shipment': 'error', 'mart.fact_shipment.capacity_kept': 'off' },
    }
    expect(
      await found(
        [
          { shipment_id: 'A', kg: '19' },
          { shipment_id: 'A', kg: '21' },
        ],
        [anna],
        everything,
        options,
      ),
    ).toEqual(['error mart.fact_shipment.one_row_per_shipment: has the same shipment_id as another row in 1 of 2 rows'])
    const { known, results } = await checkView(warehouse, view, everything, options)
    expect(known).toEqual(
      expect.arrayContaining(
        ['one_row_per_validity', 'tier_known', 'customers'].map((name) => `mart.dim_customer.${name}`),
      ),
    )
    expect(new Set(known).size).toBe(known.length)
    expect(results.find(({ check }) => check === 'late_share')).toMatchObject({
      declared: 'aggregate',
      severity: 'warn',
      count: 0,
      total: 2,
    })
  })

  test('what a check refers to may be missing: it is a finding of that check, and stops no other', async () => {
    const gone = fact('mart.fact_shipment', {
      columns,
      entities: [customer],
      eventTime: 'picked_up_at',
      checks: (c) => ({
        customer_exists: c.relationship(
          dimension('mart.no_such', { columns: { customer_id: z.string() }, entity: customer }),
          { customer_id: 'customer_id' },
        ),
        wrong: c.sql('SELECT no_such_column FROM mart.fact_shipment'),
        light: c.rows((r) => r.kg.lt(5)),
      }),
    })
    await fillTable(warehouse, 'mart.fact_shipment', SHIPMENTS, [shipment({}, 0)])
    const { findings } = await checkView(
      warehouse,
      featureView('gone', { of: customer, from: gone, every: '1d', features: (f) => ({ kg: f.sum('kg').over('7d') }) }),
      everything,
    )
    expect(findings.filter(declared).map(({ check, message }) => [check, message])).toEqual([
      ['light', 'does not meet kg < 5'],
      ['customer_exists', 'cannot be made: there is no table mart.no_such'],
      ['wrong', 'cannot be made, because the warehouse refuses it'],
    ])
  })

  test('intervals with their end, lookup tables and precomputed rows have checks too', async () => {
    const holidays = lookupTable('mart.holidays', {
      columns: { date: z.iso.date(), name: z.string() },
      day: 'date',
      knownAhead: true,
      checks: (c) => ({ one_a_day: c.unique('date') }),
    })
    const trips = intervals('mart.trips', {
      columns: { customer_id: z.string(), began: z.date(), ended: z.date().nullable(), day: z.iso.date() },
      entities: [customer],
      start: 'began',
      end: 'ended',
      checks: (c) => ({
        plausible: c.rows((r) => days(r.began, r.ended).le(30)),
        day_known: c.relationship(holidays, { day: 'date' }),
      }),
    })
    const scores = precomputed('mart.scores', {
      columns: { customer_id: z.string(), at: z.date(), score: z.number() },
      entity: customer,
      time: 'at',
      checks: (c) => ({ score_range: c.rows((r) => r.score.ge(0).and(r.score.le(1))) }),
    })
    const text = { customer_id: 'text', began: 'timestamp', ended: 'timestamp', day: 'date' } as const
    await fillTable(warehouse, 'mart.trips', text, [
      { customer_id: 'a', began: '2024-01-01', ended: '2024-01-31', day: '2024-01-01' },
      { customer_id: 'a', began: '2024-01-02', ended: '2024-02-02', day: '2024-01-02' },
    ])
    const holiday = { date: '2024-01-01', name: 'new year' }
    await fillTable(warehouse, 'mart.holidays', { date: 'date', name: 'text' }, [holiday, holiday])
    await fillTable(warehouse, 'mart.scores', { customer_id: 'text', at: 'timestamp', score: 'double' }, [
      { customer_id: 'a', at: '2024-01-01', score: '1.25' },
    ])
    const ofTrips = featureView('of_trips', {
      of: customer,
      from: trips,
      every: '1d',
      features: (f) => ({ trips: f.count().over('7d'), holiday: f.lookup(holidays, 'name') }),
    })
    const ofScores = featureView('of_scores', {
      of: customer,
      from: scores,
      every: '1d',
      features: (f) => ({ score: f.column('score') }),
    })
    const reports = [await checkView(warehouse, ofTrips, everything), await checkView(warehouse, ofScores, everything)]
    const names = reports.flatMap(({ findings }) =>
      findings.filter(declared).map((one) => `${one.table}.${one.check} ${one.count}/${one.total}`),
    )
    expect(names.toSorted()).toEqual([
      'mart.holidays.one_a_day 1/2',
      'mart.scores.score_range 1/1',
      'mart.trips.day_known 1/2',
      'mart.trips.plausible 1/2',
    ])
  })
})
