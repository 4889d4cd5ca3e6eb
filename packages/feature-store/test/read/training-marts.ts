import {
  columnBatch,
  dropTable,
  ensureTable,
  type ColumnBatch,
  type ColumnInput,
  type ColumnType,
  type Warehouse,
} from '@martlet/warehouse'
import { z } from 'zod'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import {
  decimal,
  dimension,
  entity,
  fact,
  featureService,
  featureView,
  happens,
  label,
  precomputed,
} from '../../src/index.ts'

export const customer = entity('customer', { customer_id: z.string() })

export const usage = fact('mart.usage', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number(), cost: decimal(10, 2), paid: z.boolean() },
  entities: [customer],
  eventTime: 'ts',
})
export const alarms = fact('mart.alarms', {
  columns: { customer_id: z.string(), raised_at: z.date() },
  entities: [customer],
  eventTime: 'raised_at',
})
export const tariffs = dimension('mart.tariffs', {
  columns: { customer_id: z.string(), tariff: z.string(), valid_from: z.date(), valid_to: z.date().nullable() },
  entity: customer,
  validFrom: 'valid_from',
  validTo: 'valid_to',
})
export const scores = precomputed('mart.scores', {
  columns: { customer_id: z.string(), at: z.date(), score: z.number() },
  entity: customer,
  time: 'at',
})

export const customerUsage = featureView('customer_usage', {
  of: customer,
  from: usage,
  every: '1d',
  delay: '6h',
  features: (f) => ({
    kwh: f.sum('kwh').over('1d', '7d'),
    n: f.count().over('7d'),
    tariff: f.attribute(tariffs, 'tariff'),
  }),
})
export const scoreView = featureView('scores', {
  of: customer,
  from: scores,
  every: '1d',
  delay: '1h',
  features: (f) => ({ score: f.column('score') }),
})
export const service = featureService('next_day', [customerUsage])
export const nextDay = label('next_day_kwh', { of: customer, from: usage, value: (f) => f.sum('kwh').ahead('1d') })
export const alarm = label('alarm', { of: customer, value: happens(alarms).within('2d') })

const HOURS = 31 * 24
const januaryFirst = Date.UTC(2024, 0, 1)

/**
 * A reading of 1 kWh an hour for customers a and b through January 2024; one alarm of a at noon of January 10. On the
 * engine under test.
 */
export async function openMart(): Promise<Warehouse> {
  const warehouse = await openTestWarehouse()
  await fillMart(warehouse)
  return warehouse
}

/** Makes the mart's tables. */
export async function fillMart(warehouse: Warehouse): Promise<void> {
  const readings = Array.from({ length: HOURS }, (_, hour) => ['a', 'b'].map((id) => ({ id, hour }))).flat()
  await fill(
    warehouse,
    'mart.usage',
    {
      customer_id: { type: 'text', values: readings.map(({ id }) => id) },
      ts: { type: 'timestamp', values: readings.map(({ hour }) => new Date(januaryFirst + hour * 3_600_000)) },
      kwh: { type: 'double', values: readings.map(() => 1) },
      cost: { type: 'double', values: readings.map(() => 0.25) },
      paid: { type: 'boolean', values: readings.map(({ hour }) => hour % 2 === 0) },
    },
    { cost: { decimal: [10, 2] } },
  )
  await fill(warehouse, 'mart.alarms', {
    customer_id: { type: 'text', values: ['a'] },
    raised_at: { type: 'timestamp', values: [new Date('2024-01-10T12:00Z')] },
  })
  await fill(warehouse, 'mart.tariffs', {
    customer_id: { type: 'text', values: ['a', 'b'] },
    tariff: { type: 'text', values: ['flat', 'flat'] },
    valid_from: { type: 'timestamp', values: [new Date(januaryFirst), new Date(januaryFirst)] },
    valid_to: { type: 'timestamp', values: [null, null] },
  })
  await fill(warehouse, 'mart.scores', {
    customer_id: { type: 'text', values: ['a'] },
    at: { type: 'timestamp', values: [new Date('2024-01-05T00:00Z')] },
    score: { type: 'double', values: [0.5] },
  })
}

/** Makes a table of these columns anew; `types` are those of columns that differ from what is put into them. */
export async function fill(
  warehouse: Warehouse,
  table: string,
  columns: Readonly<Record<string, ColumnInput>>,
  types: Readonly<Record<string, ColumnType>> = {},
): Promise<void> {
  await dropTable(warehouse, table)
  await ensureTable(warehouse, {
    table,
    columns: Object.entries(columns).map(([name, { type }]) => ({ name, type: types[name] ?? type })),
  })
  await warehouse.append(table, columnBatch(columns))
}

export function spineOf(...rows: readonly (readonly [customer: string | null, at: string | null])[]): {
  readonly rows: ColumnBatch
} {
  return {
    rows: columnBatch({
      customer_id: { type: 'text', values: rows.map(([key]) => key) },
      at: { type: 'timestamp', values: rows.map(([, at]) => (at === null ? null : new Date(`${at}Z`))) },
    }),
  }
}

/** What a call throws: its code, message and data. */
export async function refusal(
  work: Promise<unknown>,
): Promise<{ readonly code: unknown; readonly message: string; readonly data: unknown }> {
  try {
    await work
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'data' in error)
      return { code: error.code, message: error.message, data: error.data }
    throw error
  }
  throw new Error('nothing was refused')
}
