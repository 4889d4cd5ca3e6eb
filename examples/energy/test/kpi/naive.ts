import { rowsOf, type Warehouse } from '@martlet/warehouse'
import { sql } from 'kysely'
import type { RankedCustomer, RankingOptions } from '../../src/kpi/customer-ranking.ts'
import type { Month } from '../../src/kpi/monthly-trend.ts'
import type { Period } from '../../src/kpi/period.ts'
import type { Total } from '../../src/kpi/total.ts'

/** Amounts in whole units of their last decimal, so that sums are exact. */
interface Reading {
  readonly id: string
  readonly ts: Date
  readonly wattHours: number
  readonly costMicros: number
}

interface Attributes {
  readonly customer_id: string
  readonly customer_type: string | null
  readonly valid_from: Date
}

/** The mart as plain rows, and every KPI computed from them in the obvious way. */
export class NaiveMart {
  readonly #readings: readonly Reading[]
  readonly #attributes: readonly Attributes[]

  constructor(readings: readonly Reading[], attributes: readonly Attributes[]) {
    this.#readings = readings
    this.#attributes = attributes
  }

  static async of(warehouse: Warehouse): Promise<NaiveMart> {
    const facts = rowsOf<{ customer_id: string; ts: Date; consumption_kwh: number; cost: number }>(
      await warehouse.read(sql`select * from mart.fact_energy_usage`),
    )
    const readings = facts.map(({ customer_id, ts, consumption_kwh, cost }) => ({
      id: customer_id,
      ts,
      wattHours: Math.round(consumption_kwh * 1000),
      costMicros: Math.round(cost * 1e6),
    }))
    return new NaiveMart(
      readings,
      rowsOf<Attributes>(
        await warehouse.read(sql`select customer_id, customer_type, valid_from from mart.dim_customer`),
      ),
    )
  }

  /** How far a sum of these readings as doubles may be from the exact one: n roundings of at most the sum of sizes. */
  tolerance(): number {
    const size = this.#readings.reduce((sum, { wattHours }) => sum + Math.abs(wattHours) / 1000, 0)
    return this.#readings.length * Number.EPSILON * size
  }

  total(period: Period = {}): Total {
    const chosen = this.#within(period)
    const times = chosen.map(({ ts }) => ts.getTime()).toSorted((a, b) => a - b)
    return {
      readings: chosen.length,
      customers: new Set(chosen.map(({ id }) => id)).size,
      ...sums(chosen),
      first: times.length === 0 ? null : new Date(times[0]!),
      last: times.length === 0 ? null : new Date(times.at(-1)!),
    }
  }

  months(period: Period = {}): readonly Month[] {
    const byMonth = Map.groupBy(this.#within(period), ({ ts }) => ts.toISOString().slice(0, 7))
    return [...byMonth]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, readings]) => {
        const [year = 0, month = 0] = key.split('-').map(Number)
        const before = byMonth.get(new Date(Date.UTC(year, month - 2)).toISOString().slice(0, 7))
        const changeWattHours = before === undefined ? null : wattHours(readings) - wattHours(before)
        return {
          year,
          month,
          days: new Set(readings.map(({ ts }) => ts.getUTCDate())).size,
          customers: new Set(readings.map(({ id }) => id)).size,
          ...sums(readings),
          changeKwh: changeWattHours === null ? null : changeWattHours / 1000,
          change:
            changeWattHours === null || before === undefined || wattHours(before) === 0
              ? null
              : changeWattHours / wattHours(before),
        }
      })
  }

  ranking({ n = 10, order = 'top', by = 'consumption', ...period }: RankingOptions = {}): readonly RankedCustomer[] {
    const chosen = this.#within(period)
    const value = (readings: readonly Reading[]): number => (by === 'cost' ? costMicros(readings) : wattHours(readings))
    const sign = order === 'top' ? -1 : 1
    const customers = [...Map.groupBy(chosen, ({ id }) => id)].map(([id, readings]) => ({
      id,
      readings,
      value: value(readings),
    }))
    return customers
      .toSorted((a, b) => sign * (a.value - b.value) || (a.id < b.id ? -1 : 1))
      .slice(0, n)
      .map(({ id, readings, value: own }) => ({
        rank: 1 + customers.filter((other) => sign * (other.value - own) < 0).length,
        customerId: id,
        customerType:
          this.#attributes
            .filter(({ customer_id }) => customer_id === id)
            .toSorted((a, b) => +b.valid_from - +a.valid_from)[0]?.customer_type ?? null,
        ...sums(readings),
        share: value(chosen) === 0 ? null : own / value(chosen),
      }))
  }

  #within({ from, to }: Period): readonly Reading[] {
    return this.#readings.filter(({ ts }) => (from === undefined || ts >= from) && (to === undefined || ts < to))
  }
}

const wattHours = (readings: readonly Reading[]): number =>
  readings.reduce((sum, reading) => sum + reading.wattHours, 0)
const costMicros = (readings: readonly Reading[]): number =>
  readings.reduce((sum, reading) => sum + reading.costMicros, 0)
const sums = (readings: readonly Reading[]) => ({
  consumptionKwh: wattHours(readings) / 1000,
  cost: costMicros(readings) / 1e6,
})
