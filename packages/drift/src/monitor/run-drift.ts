import { MartletError, sql } from '@martlet/warehouse'
import type { ColumnSpec, Warehouse } from '@martlet/warehouse'
import { presence } from '../count/absent-rows.ts'
import { codeText, scanCategories } from '../count/scan-categories.ts'
import { scanNumbers } from '../count/scan-numbers.ts'
import { openSource } from '../count/scan-source.ts'
import { windowSql } from '../count/windows.ts'
import type { TimeWindow } from '../count/windows.ts'
import { centreOf } from '../profile/reference-profile.ts'
import type {
  CategoryProfile,
  ColumnProfile,
  NumericProfile,
  ReferenceProfile,
  TimeProfile,
} from '../profile/reference-profile.ts'
import type { ViewAbsence } from '../profile/row-kind.ts'
import { fromRelation, relationColumns } from '../count/relation.ts'
import type { Relation } from '../count/relation.ts'
import { columnNamed, spelledAs } from '../count/spelling.ts'
import { withTable } from '../count/with-table.ts'
import { noEvidence } from '../verdict/evidence.ts'
import type { ColumnEvidence } from '../verdict/evidence.ts'
import { columnObstacle } from '../verdict/findings/schema-changes.ts'
import { judgeRun } from '../verdict/judge-run.ts'
import type { WindowEvidence } from '../verdict/judge-window.ts'
import { policyFrom } from '../verdict/policy.ts'
import type { DriftPolicy, PolicyOptions } from '../verdict/policy.ts'
import type { DriftResult } from '../verdict/result.ts'
import { newestRow, withCurrentRows } from './current-rows.ts'
import type { CurrentRows, ResolvedRows } from './current-rows.ts'
import { categoryEvidence, numberEvidence, timeEvidence } from './evidence-of.ts'
import { columnByColumn } from './column-by-column.ts'
import { recordDrift } from './record-drift.ts'
import { refine } from './refine.ts'
import { reproductions } from './reproduce.ts'
import { scanWindowRows } from './scan-window-rows.ts'

export interface DriftRequest {
  readonly warehouse: Warehouse
  readonly profile: ReferenceProfile
  readonly current: CurrentRows
  /** Disjoint stretches of time; none: all rows are one window. */
  readonly windows?: readonly TimeWindow[]
  /** Names the run in results tables. @default the profile's name */
  readonly monitor?: string
  /** @default the clock */
  readonly now?: Date
  readonly policy?: PolicyOptions
  /** The reference rows, for exact distances; without them distances stay bounds from bins. */
  readonly reference?: Relation
  /** Appends the result to `monitoring.drift_results`. @default true */
  readonly record?: boolean
}

/**
 * Compares current rows with a reference profile, window by window, inside the warehouse, and judges what changed.
 *
 * Errors: `WINDOWS_INVALID`, `TIME_COLUMN_MISSING`, `POLICY_INVALID`, `PROFILE_VIEW_UNKNOWN`, `LOG_LINE_INVALID`.
 */
export async function runDrift(request: DriftRequest): Promise<DriftResult> {
  const { warehouse, profile, current } = request
  const policy = policyFrom(request.policy)
  const now = request.now ?? new Date()
  const windows = (request.windows ?? []).toSorted((a, b) => a.from.getTime() - b.from.getTime())
  const result = await withCurrentRows(warehouse, current, profile, async (session, given) => {
    const time = await timeColumn(session, given, windows)
    const rows = { ...given, time }
    const newest = await newestRow(session, rows.relation, rows.time, now)
    const relation =
      windows.length > 0 && typeof rows.relation !== 'string' && rows.time !== null
        ? inWindows(session, rows.relation, rows.time, windows)
        : rows.relation
    return withTable(session, relation, async (tableSession, table) => {
      const names = rows.profile.columns.map(({ name }) => name)
      const columns = await relationColumns(tableSession, table)
      const spelled = spelledAs({ relation: table, columns }, names)
      const schema = spelled.columns
      const time = spelledTime(schema, rows.time)
      const reference =
        request.reference === undefined ? undefined : await spelledReference(tableSession, request.reference, names)
      const profile = { ...rows.profile, views: comparableViews(rows.profile, schema) }
      const scanned = { ...rows, time, relation: spelled.relation, profile }
      const evidence = await windowEvidence(tableSession, scanned, schema, { windows, policy, reference })
      const judged = evidence.map((window, index): WindowEvidence => ({
        ...window,
        schema,
        rowKind: rows.rowKind,
        ignored: rows.ignored,
        newest,
        latest: index === evidence.length - 1,
      }))
      const monitor = request.monitor ?? profile.name
      const result = judgeRun({ monitor, now, profile, windows: judged }, policy)
      const lasting = { ...rows, time, relation: spelledAs({ relation: rows.relation, columns }, names).relation }
      return { ...result, sql: reproductions(tableSession, result, lasting, windows.at(-1) ?? null) }
    })
  })
  if (request.record ?? true) await recordDrift(warehouse, result)
  return result
}

/** The time column as the relation spells it. Errors: `TIME_COLUMN_MISSING`. */
async function timeColumn(
  warehouse: Warehouse,
  rows: ResolvedRows,
  windows: readonly TimeWindow[],
): Promise<string | null> {
  const missing = (why: string): MartletError =>
    new MartletError(
      'TIME_COLUMN_MISSING',
      `The rows for profile ${rows.profile.name} cannot be put into windows: ${why}. Set \`current.time\`.`,
      { data: { profile: rows.profile.name } },
    )
  if (rows.time === null) {
    if (windows.length > 0) throw missing('the column that says when a row happened is not named')
    return null
  }
  const found = columnNamed(await relationColumns(warehouse, rows.relation), rows.time)
  if (found === undefined) throw missing(`they have no column ${rows.time}`)
  return found.name
}

/** The time column after columns were named as the profile names them. */
function spelledTime(columns: readonly ColumnSpec[], time: string | null): string | null {
  return time === null ? null : (columnNamed(columns, time)?.name ?? time)
}

async function spelledReference(warehouse: Warehouse, relation: Relation, names: readonly string[]): Promise<Relation> {
  return spelledAs({ relation, columns: await relationColumns(warehouse, relation) }, names).relation
}

function inWindows(
  warehouse: Warehouse,
  relation: Exclude<Relation, string>,
  time: string,
  windows: readonly TimeWindow[],
): Exclude<Relation, string> {
  return sql`SELECT * FROM ${fromRelation(relation)} WHERE ${windowSql(warehouse.leaves, sql.id(time), windows).where}`
}

interface ScanOptions {
  readonly windows: readonly TimeWindow[]
  readonly policy: DriftPolicy
  readonly reference: Relation | undefined
}

type Measured = Pick<WindowEvidence, 'window' | 'rows' | 'absent' | 'columns'>

/** The views whose rows without any value can be counted now as they were in the reference: all of their columns are there. */
function comparableViews(
  { columns, views = [] }: ReferenceProfile,
  schema: readonly ColumnSpec[],
): readonly ViewAbsence[] {
  const usable = new Set(columns.filter((column) => columnObstacle(column, schema) === null).map(({ name }) => name))
  return views.filter((view) => view.columns.every((name) => usable.has(name)))
}

async function windowEvidence(
  warehouse: Warehouse,
  rows: ResolvedRows,
  schema: readonly ColumnSpec[],
  options: ScanOptions,
): Promise<readonly Measured[]> {
  const { windows } = options
  const source = openSource(warehouse, {
    relation: rows.relation,
    time: windows.length === 0 ? null : rows.time,
    windows,
  })
  const usable = rows.profile.columns.filter((column) => columnObstacle(column, schema) === null)
  const numbers = usable.filter((column): column is NumericProfile => column.kind === 'number')
  const categories = usable.filter((column): column is CategoryProfile => column.kind === 'category')
  const times = usable.filter((column): column is TimeProfile => column.kind === 'time')
  const { views = [] } = rows.profile

  const counted = await scanWindowRows(warehouse, source, [
    ...times.map(({ name }) => sql.id(name)),
    ...views.map(presence),
  ])
  const check = () => scanWindowRows(warehouse, source, [])
  const numberScans = numbers.map((column) => ({
    ...column,
    type: schemaType(schema, column),
    centre: centreOf(column),
  }))
  const binned = await columnByColumn(numberScans, (columns) => scanNumbers(warehouse, source, columns), check)
  const categoryScans = categories.map((column) => ({
    name: column.name,
    type: schemaType(schema, column),
    always: [...column.top, ...column.rest].map(({ value }) => codeText(value, column.type)),
  }))
  const valued = await columnByColumn(categoryScans, (columns) => scanCategories(warehouse, source, columns), check)

  const evidence: Measured[] = []
  for (const [window, { rows: count, nulls }] of counted.entries()) {
    const found = new Map<string, ColumnEvidence>()
    for (const [index, column] of numbers.entries()) {
      const scanned = binned[index]
      if (scanned !== undefined && 'failed' in scanned)
        found.set(column.name, noEvidence(column, `its values could not be counted: ${scanned.failed}`))
      const bins = scanned !== undefined && 'found' in scanned ? scanned.found[window] : undefined
      if (bins === undefined) continue
      const exact = await refine({
        warehouse,
        rows,
        profile: column,
        binned: bins,
        window: windows[window] ?? null,
        policy: options.policy,
        reference: options.reference,
      })
      found.set(column.name, numberEvidence(column, bins, exact))
    }
    for (const [index, column] of categories.entries()) {
      const scanned = valued[index]
      if (scanned !== undefined && 'failed' in scanned)
        found.set(column.name, noEvidence(column, `its values could not be counted: ${scanned.failed}`))
      const values = scanned !== undefined && 'found' in scanned ? scanned.found[window] : undefined
      if (values !== undefined) found.set(column.name, categoryEvidence(column, values))
    }
    for (const [index, column] of times.entries())
      found.set(column.name, timeEvidence(column, count, nulls[index] ?? 0))
    const columns = rows.profile.columns.map(
      (column) => found.get(column.name) ?? noEvidence(column, columnObstacle(column, schema) ?? 'not counted'),
    )
    evidence.push({ window: windows[window] ?? null, rows: count, absent: nulls.slice(times.length), columns })
  }
  return evidence
}

/** Doubles of today may be integers in the profile: what can be NaN is decided by the column as it is. */
function schemaType(schema: readonly ColumnSpec[], column: ColumnProfile): ColumnSpec['type'] {
  return schema.find(({ name }) => name === column.name)?.type ?? column.type
}
