import { MartletError, sql, type Warehouse } from '@martlet/warehouse'
import { energyMart } from './mart-tables.ts'
import { within, type Period } from './period.ts'

export interface RankingOptions extends Period {
  /** How many customers. @default 10 */
  readonly n?: number
  /** The greatest or the smallest first. @default 'top' */
  readonly order?: 'top' | 'bottom'
  /** @default 'consumption' */
  readonly by?: 'consumption' | 'cost'
}

export interface RankedCustomer {
  /** From 1; equal values have the same rank and are sorted by customer. */
  readonly rank: number
  readonly customerId: string
  /** From the newest row of the customer dimension; null when it is not known there. */
  readonly customerType: string | null
  readonly consumptionKwh: number
  readonly cost: number
  /** The customer's share of what all customers used (or paid) in the period; null when that is 0. */
  readonly share: number | null
}

/** The customers with the greatest or smallest consumption or cost in a period, among those who have readings in it. */
export async function customerRanking(
  warehouse: Warehouse,
  options: RankingOptions = {},
): Promise<readonly RankedCustomer[]> {
  const { n = 10, order = 'top', by = 'consumption' } = options
  if (!Number.isInteger(n) || n < 1)
    throw new MartletError('BAD_OPTION', `Option n of the ranking must be an integer from 1, not ${n}.`, {
      data: { n },
    })
  const column = by === 'cost' ? 'cost' : 'consumptionKwh'
  return energyMart(warehouse)
    .with('usage', (db) =>
      db
        .selectFrom('mart.fact_energy_usage')
        .where(within(options, 'ts'))
        .groupBy('customer_id')
        .select(({ fn }) => [
          'customer_id',
          fn.sum<number>('consumption_kwh').as('consumptionKwh'),
          fn.sum<number>('cost').as('cost'),
        ]),
    )
    .with('newest', (db) =>
      db.selectFrom('mart.dim_customer').select(({ fn }) => [
        'customer_id',
        'customer_type',
        fn
          .agg<number>('row_number')
          .over((over) => over.partitionBy('customer_id').orderBy('valid_from', (from) => from.desc().nullsLast()))
          .as('age'),
      ]),
    )
    .with('ranked', (db) =>
      db.selectFrom('usage').select(({ fn, ref }) => [
        'customer_id',
        'consumptionKwh',
        'cost',
        fn
          .agg<number>('rank')
          .over((over) => over.orderBy(column, (value) => (order === 'top' ? value.desc() : value.asc()).nullsLast()))
          .as('rank'),
        sql<
          number | null
        >`cast(${ref(column)} as ${warehouse.leaves.columnType('double')}) / nullif(sum(${ref(column)}) over (), 0)`.as(
          'share',
        ),
      ]),
    )
    .selectFrom('ranked')
    .leftJoin('newest', (join) => join.onRef('newest.customer_id', '=', 'ranked.customer_id').on('newest.age', '=', 1))
    .select([
      'ranked.rank',
      'ranked.customer_id as customerId',
      'newest.customer_type as customerType',
      'ranked.consumptionKwh',
      'ranked.cost',
      'ranked.share',
    ])
    .orderBy('ranked.rank')
    .orderBy('ranked.customer_id')
    .limit(n)
    .execute()
}
