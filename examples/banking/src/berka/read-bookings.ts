import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { rowsOf, sql, type Warehouse } from '@martlet/warehouse'
import type { Booking } from './reconcile.ts'

/** Where the bookings of the Czech bank are, if they are there: beside the repository, as its data sets are. */
export const BERKA: string = join(
  import.meta.dirname,
  '../../../../../shared/data/berka_partial/trans_until_1994_03.parquet',
)

export const berkaIsThere: boolean = existsSync(BERKA)

interface Row {
  readonly row: number
  readonly account: number
  readonly date: string
  readonly amount: number
  readonly balance: number
}

/** The bookings as whole cents, by account and date: PRIJEM comes in, VYDAJ and VYBER go out. */
export async function readBookings(warehouse: Warehouse): Promise<readonly Booking[]> {
  return rowsOf<Row>(
    await warehouse.read(sql`
      SELECT original_row AS row, account_id AS account, CAST(date AS VARCHAR) AS date,
        CAST(CASE type WHEN 'PRIJEM' THEN 1 ELSE -1 END * ROUND(amount * 100) AS INTEGER) AS amount,
        CAST(ROUND(balance * 100) AS INTEGER) AS balance
      FROM read_parquet(${sql.lit(BERKA)})
      ORDER BY account_id, date, original_row
    `),
  )
}
