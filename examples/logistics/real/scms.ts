import { buildTrainingSet, entity, fact, featureService, featureView, onDemand, request } from '@martlet/feature-store'
import { sql, type Warehouse } from '@martlet/warehouse'
import { z } from 'zod'
import { numbersOf, textsOf } from '../src/model/feature-matrix.ts'
import { auc } from '../src/model/judge.ts'
import { logistic } from '../src/model/loss.ts'
import { parquet } from './shared-data.ts'
import { fitSet, meansOf, tested, type Trial } from './trial.ts'

const vendor = entity('vendor', { vendor: z.string() })
const country = entity('country', { country: z.string() })
const lane = entity('lane', { vendor: z.string(), country: z.string() })
const project = entity('project', { project_code: z.string() })
/** Deliveries, as events of the day on which they were recorded: before it nobody could know how late they were. */
const deliveries = fact('mart.deliveries', {
  columns: {
    vendor: z.string(),
    country: z.string(),
    project_code: z.string(),
    recorded_at: z.date(),
    days_late: z.number(),
    late: z.number(),
  },
  entities: [vendor, country, lane, project],
  eventTime: 'recorded_at',
})

const ofVendor = featureView('vendor', {
  of: vendor,
  from: deliveries,
  every: '1d',
  features: (f) => ({
    late: f.mean('late').over('180d', '730d'),
    days: f.mean('days_late').over('365d'),
    lines: f.count().over('365d'),
    age: f.age(),
  }),
})
const ofCountry = featureView('country', {
  of: country,
  from: deliveries,
  every: '1d',
  features: (f) => ({
    late: f.mean('late').over('180d', '730d'),
    days: f.mean('days_late').over('365d'),
    lines: f.count().over('365d'),
  }),
})
const ofLane = featureView('lane', {
  of: lane,
  from: deliveries,
  every: '1d',
  features: (f) => ({ late: f.mean('late').over('730d'), lines: f.count().over('730d'), age: f.age() }),
})
const ofProject = featureView('project', {
  of: project,
  from: deliveries,
  every: '1d',
  features: (f) => ({ late: f.mean('late').over('180d', '730d'), last: f.mean('late').overLast(10) }),
})
const line = onDemand('line', {
  of: [],
  request: request({
    mode: z.string(),
    fulfil: z.string(),
    incoterm: z.string(),
    product: z.string(),
    month: z.number(),
    ordered_days: z.number().optional(),
    quoted_days: z.number().optional(),
    line_value: z.number(),
    quantity: z.number(),
  }),
  derive: (_, r) => ({
    air: r.mode.eq('Air'),
    charter: r.mode.eq('Air Charter'),
    ocean: r.mode.eq('Ocean'),
    truck: r.mode.eq('Truck'),
    stocked: r.fulfil.eq('From RDC'),
    ex_works: r.incoterm.eq('EXW'),
    arv: r.product.eq('ARV'),
    hrdt: r.product.eq('HRDT'),
    month: r.month.mul(1),
    ordered_days: r.ordered_days.mul(1),
    quoted_days: r.quoted_days.mul(1),
    value: r.line_value.mul(1),
    quantity: r.quantity.mul(1),
  }),
})
const service = featureService('shipments', [ofVendor, ofCountry, ofLane, ofProject, line])

/** Will a line be delivered after its scheduled date? Asked 14 days before that date; lines scheduled from July 2013 on judge. */
export const scms: Trial = {
  data: 'scms_shipments',
  async run(warehouse, quick) {
    await load(warehouse)
    const set = await buildTrainingSet({
      warehouse,
      service,
      spine: { query: sql`SELECT * FROM mart.asked` },
      time: 'at',
    })
    const fitted = await fitSet(
      set,
      'late',
      (batch) => {
        const [at, recorded] = [numbersOf(batch, 'at_day'), numbersOf(batch, 'recorded_day')]
        const [validation, test] = [dayOf('2012-07-01'), dayOf('2013-07-01')]
        // A row teaches only what was recorded before the first row that it helps to judge.
        return (row) =>
          (at[row] ?? 0) >= test
            ? 'test'
            : (recorded[row] ?? 0) >= test
              ? undefined
              : (at[row] ?? 0) >= validation
                ? 'validation'
                : (recorded[row] ?? 0) >= validation
                  ? undefined
                  : 'train'
      },
      { loss: logistic, leaves: 7, minRows: 30, trees: quick ? 60 : 300 },
    )
    const [from, to] = [textsOf(fitted.batch, 'vendor'), textsOf(fitted.batch, 'country')]
    const byLane = meansOf(fitted, [(row) => `${from[row]} to ${to[row]}`, (row) => from[row]])
    return [
      {
        data: 'scms_shipments',
        question: 'a line is late',
        trainRows: fitted.parts.train.length,
        testRows: fitted.parts.test.length,
        metric: 'AUC',
        model: auc(tested(fitted, fitted.predicted)),
        baseline: auc(tested(fitted, byLane)),
        against: 'late share of vendor and country',
      },
    ]
  },
}

const dayOf = (date: string): number => Date.parse(date) / 86_400_000

async function load(warehouse: Warehouse): Promise<void> {
  await warehouse.run(sql`
    CREATE TABLE mart.asked AS
    SELECT id, vendor, country, project_code, CAST(scheduled_delivery_date AS TIMESTAMP) - INTERVAL 14 DAY AS at,
      CAST(date_diff('day', DATE '1970-01-01', scheduled_delivery_date) - 14 AS DOUBLE) AS at_day,
      CAST(date_diff('day', DATE '1970-01-01', greatest(delivery_recorded_date, delivered_to_client_date)) AS DOUBLE) AS recorded_day,
      shipment_mode AS mode, fulfill_via AS fulfil, vendor_inco_term AS incoterm, product_group AS product,
      CAST(month(scheduled_delivery_date) AS DOUBLE) AS month,
      CAST(date_diff('day', po_sent_to_vendor_date, scheduled_delivery_date) AS DOUBLE) AS ordered_days,
      CAST(date_diff('day', pq_first_sent_to_client_date, scheduled_delivery_date) AS DOUBLE) AS quoted_days,
      line_item_value AS line_value, CAST(line_item_quantity AS DOUBLE) AS quantity,
      delivered_to_client_date > scheduled_delivery_date AS late,
      date_diff('day', scheduled_delivery_date, delivered_to_client_date) AS days_late
    FROM ${parquet('scms_shipments/shipments.parquet')}
    WHERE coalesce(po_sent_to_vendor_date, DATE '1970-01-01') < scheduled_delivery_date - 14`)
  await warehouse.run(sql`
    CREATE TABLE mart.deliveries AS
    SELECT vendor, country, project_code,
      CAST(greatest(delivery_recorded_date, delivered_to_client_date) AS TIMESTAMP) AS recorded_at,
      CAST(date_diff('day', scheduled_delivery_date, delivered_to_client_date) AS DOUBLE) AS days_late,
      CAST(delivered_to_client_date > scheduled_delivery_date AS DOUBLE) AS late
    FROM ${parquet('scms_shipments/shipments.parquet')}`)
}
