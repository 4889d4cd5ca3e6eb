import { sql, type Warehouse } from '@martlet/warehouse'
import {
  profileOfColumns,
  profileReference,
  runDrift,
  type DriftResult,
  type PolicyOptions,
  type ReferenceChoice,
  type TimeWindow,
} from '../../src/index.ts'
import { files } from './files.ts'

const WEEK = 604_800_000
const zones = ['AEP', 'COMED', 'DAYTON', 'DEOK', 'DOM', 'DUQ', 'EKPC', 'FE', 'NI', 'PJME', 'PJMW']
const columns = zones.map((name) => ({ name: `${name.toLowerCase()}_mw`, type: 'double' as const }))

/** Weeks from a Monday on. */
export function weeksFrom(monday: string, count: number): readonly TimeWindow[] {
  const first = Date.parse(`${monday}T00:00:00Z`)
  return Array.from({ length: count }, (_, i) => ({
    from: new Date(first + i * WEEK),
    to: new Date(first + (i + 1) * WEEK),
  }))
}

/** One row an hour, one column a zone, null where the zone has no reading: the hours as they were published. */
export async function loadByHour(warehouse: Warehouse): Promise<void> {
  const cells = zones.map(
    (zone, i) => sql`max(CASE WHEN zone = ${zone} THEN mw END) AS ${sql.id(columns[i]?.name ?? zone)}`,
  )
  await warehouse.run(sql`
    CREATE TABLE load_by_hour AS
    SELECT ts, ${sql.join(cells)}
    FROM (
      SELECT *, row_number() OVER (PARTITION BY zone, ts ORDER BY mw) AS occurrence
      FROM read_parquet(${files.load})
      WHERE zone <> 'PJM_Load'
    ) AS readings
    GROUP BY ts, occurrence
    ORDER BY ts
  `)
}

const current = { relation: 'load_by_hour', time: 'ts' }

/** Each week compared with earlier ones. */
export function watchLoad(
  warehouse: Warehouse,
  windows: readonly TimeWindow[],
  against: ReferenceChoice,
  policy: PolicyOptions = {},
  entity?: readonly string[],
): Promise<DriftResult> {
  return runDrift({
    warehouse,
    monitor: 'pjm_load',
    profile: profileOfColumns('pjm_load', columns),
    current: entity === undefined ? current : { ...current, entity },
    windows,
    against,
    policy,
    now: windows.at(-1)?.to ?? new Date(0),
    record: false,
  })
}

/** Each week compared with a profile of the first year, as a monitor does that knows no seasons. */
export async function watchLoadPlainly(
  warehouse: Warehouse,
  windows: readonly TimeWindow[],
  year: TimeWindow,
): Promise<DriftResult> {
  const profile = await profileReference(warehouse, {
    name: 'pjm_load',
    relation: sql`
      SELECT * FROM load_by_hour WHERE ts >= ${year.from} AND ts < ${year.to}
    `,
    columns,
    time: 'ts',
  })
  return runDrift({ warehouse, profile, current, windows, now: windows.at(-1)?.to ?? new Date(0), record: false })
}
