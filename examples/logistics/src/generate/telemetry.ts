import {
  dropTable,
  ensureTable,
  sql,
  tableRef,
  temporaryTableName,
  type ColumnType,
  type Warehouse,
} from '@martlet/warehouse'
import type { Note } from './ledger.ts'
import { HOUR, MINUTE } from './options.ts'
import { RowBuffer } from './row-buffer.ts'
import type { World } from './simulate.ts'
import { telemetryHours } from './telemetry-hours.ts'

const hourColumns = {
  vehicle_id: 'text',
  begins: 'timestamp',
  odometer: 'double',
  km: 'double',
  engine: 'double',
  engine_hours: 'double',
  fuel: 'double',
  temperature: 'double',
  fault_code: 'text',
  fault_at: 'integer',
  sentinel_at: 'integer',
  clock_at: 'integer',
  negative_at: 'integer',
  noise: 'bigint',
  lag: 'bigint',
} as const satisfies Readonly<Record<string, ColumnType>>

const BATCH_HOURS = 65_536

/**
 * Appends the readings that arrive in `[from, to)` (milliseconds since the epoch) to raw.telemetry. Hours are copied to a table
 * of their own, and a query makes the readings of each.
 */
export async function deliverTelemetry(
  warehouse: Warehouse,
  world: World,
  { from, to }: { readonly from: number; readonly to: number },
  note: Note,
): Promise<number> {
  return warehouse.session(async (session) => {
    const hours = temporaryTableName('hours')
    const steps = temporaryTableName('steps')
    const tables = [
      { table: hours, columns: Object.entries(hourColumns).map(([name, type]) => ({ name, type })), temporary: true },
      { table: steps, columns: [{ name: 'step', type: 'bigint' as const }], temporary: true },
    ]
    try {
      for (const table of tables) await ensureTable(session, table)
      const perHour = 60 / world.shape.everyMinutes
      const numbers = new RowBuffer({ step: 'bigint' })
      for (let step = 0; step < perHour; step++) numbers.add(step)
      await session.append(steps, numbers.take())
      const buffer = new RowBuffer(hourColumns)
      let rows = 0
      const flush = async (): Promise<void> => {
        if (buffer.rows === 0) return
        await session.append(hours, buffer.take())
        rows += await session.run(readings(session, world, { hours, steps, from, to }))
        await session.run(sql`DELETE FROM ${tableRef(hours)}`)
      }
      for (const hour of telemetryHours(world, note)) {
        if (hour.begins + HOUR + hour.lag < from || hour.begins + hour.lag >= to) continue
        buffer.add(
          world.fleet[hour.vehicle]?.id ?? null,
          hour.begins,
          hour.odometer,
          hour.km,
          hour.engine,
          hour.engineHours,
          hour.fuel,
          hour.temperature,
          hour.faultCode,
          hour.faultAt,
          hour.sentinelAt,
          hour.clockAt,
          hour.negativeAt,
          hour.noise,
          hour.lag * 1000,
        )
        if (buffer.rows === BATCH_HOURS) await flush()
      }
      await flush()
      return rows
    } finally {
      for (const { table } of tables) await dropTable(session, table)
    }
  })
}

interface Places {
  readonly hours: string
  readonly steps: string
  readonly from: number
  readonly to: number
}

function readings({ leaves }: Warehouse, { shape }: World, { hours, steps, from, to }: Places): ReturnType<typeof sql> {
  const perHour = sql.lit(60 / shape.everyMinutes)
  const minutes = shape.everyMinutes * MINUTE * 1000
  const recorded = leaves.addMicros(sql.ref('h.begins'), sql`(s.step + 1) * ${sql.lit(minutes)}`)
  const arrived = leaves.addMicros(sql.ref('h.begins'), sql`(s.step + 1) * ${sql.lit(minutes)} + h.lag`)
  const restarted = leaves.addMicros(leaves.timestamp(0n), sql`(s.step + 1) * ${sql.lit(minutes)}`)
  // Between -0.5 and 0.5, another one for each reading.
  const drawn = sql`MOD((h.noise + 17) * (s.step * 7919 + 104729) + s.step * s.step * 31, 10007)`
  const scatter = sql`(CAST(${drawn} AS DOUBLE PRECISION) / 10007 - 0.5)`
  const share = sql`(CAST(s.step + 1 AS DOUBLE PRECISION) / ${perHour})`
  const fuel = sql`h.fuel / ${perHour} * (1 + 0.2 * ${scatter})`
  return sql`
    INSERT INTO raw.telemetry (
      vehicle_id, recorded_at, odometer_km, engine_hours, fuel_l, speed_kmh, engine_temp_c, fault_code, _loaded_at
    )
    SELECT vehicle_id, recorded_at, odometer_km, engine_hours, fuel_l, speed_kmh, engine_temp_c, fault_code, arrived_at
    FROM (
      SELECT h.vehicle_id,
        CASE WHEN h.clock_at = s.step THEN ${restarted} ELSE ${recorded} END AS recorded_at,
        CASE WHEN h.sentinel_at = s.step THEN 1000000000.0 ELSE ROUND(h.odometer + h.km * ${share}, 1) END AS odometer_km,
        ROUND(h.engine + h.engine_hours * ${share}, 2) AS engine_hours,
        ROUND(CASE WHEN h.negative_at = s.step THEN -1 - ${fuel} ELSE ${fuel} END, 3) AS fuel_l,
        CASE WHEN h.engine_hours = 0 THEN 0.0
          ELSE ROUND(h.km / h.engine_hours * (1 + 0.2 * ${scatter}), 1) END AS speed_kmh,
        ROUND(h.temperature + ${scatter}, 1) AS engine_temp_c,
        CASE WHEN h.fault_at = s.step THEN h.fault_code END AS fault_code,
        ${arrived} AS arrived_at
      FROM ${tableRef(hours)} AS h CROSS JOIN ${tableRef(steps)} AS s
    ) AS r
    WHERE arrived_at >= ${leaves.timestamp(BigInt(from) * 1000n)} AND arrived_at < ${leaves.timestamp(BigInt(to) * 1000n)}
  `
}
