import type { Warehouse } from '@martlet/warehouse'
import { CamelCasePlugin, type Kysely } from 'kysely'

/** The energy mart for Kysely: the values in a row of each table when it is read. */
export type EnergyMart = {
  readonly 'mart.fact_energy_usage': {
    readonly customer_id: string
    /** UTC start of the interval. */
    readonly ts: Date
    readonly consumption_kwh: number
    readonly cost: number
    readonly arrived_at: Date
  }
  readonly 'mart.dim_customer': {
    readonly customer_id: string
    readonly customer_type: string | null
    readonly tariff: string
    readonly heating_type: string | null
    readonly valid_from: Date
    readonly valid_to: Date | null
  }
  readonly 'mart.dim_time': {
    readonly date: Date
    readonly year: number
    readonly quarter: number
    readonly month: number
    readonly day: number
    readonly week_year: number
    readonly week: number
    readonly weekday: number
    readonly is_weekend: boolean
  }
}

/**
 * A typed Kysely on the energy mart. A name such as `consumptionKwh` is `consumption_kwh` in SQL, because Snowflake returns names
 * without their case.
 */
export function energyMart(warehouse: Warehouse): Kysely<EnergyMart> {
  return warehouse.db.withPlugin(new CamelCasePlugin()).withTables<EnergyMart>()
}
