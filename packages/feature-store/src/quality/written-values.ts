import {
  rowsOf,
  sql,
  tableRef,
  type ColumnBatch,
  type ColumnType,
  type Leaves,
  type Sql,
  type Warehouse,
} from '@martlet/warehouse'
import { isNumber } from '../plan/column-family.ts'
import type { FeaturePlan } from '../plan/feature-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { FEATURE_TIME } from '../vocabulary/algebra/expression-sql.ts'
import { isWhole } from '../vocabulary/algebra/expression-type.ts'
import type { TypedSql } from '../vocabulary/algebra/typed-sql.ts'
import { featureKind } from '../vocabulary/features/list.ts'
import { checkKey, defaultSeverity, type CheckResult } from './finding.ts'
import type { QualityOptions } from './options.ts'
import { whole, type Run } from './table-scan.ts'

/** The rows that one run has written to a feature table. */
export interface WrittenRows {
  readonly view: ViewPlan
  readonly table: string
  readonly run: string
}

/** A feature that is null where a number did not fit. */
interface Growing {
  readonly feature: FeaturePlan
  /** True for a row where it did not fit. */
  readonly bad: Sql
  /** What the value is about; undefined where that is not known from the row. */
  readonly about: Sql | undefined
}

const FEATURES_PER_STATEMENT = 200

const MESSAGES = {
  integer: 'needs a whole number beyond 32 bits',
  bigint: 'needs a whole number beyond 64 bits',
  other: 'needs a number beyond the range of doubles, or a whole number beyond 64 bits',
}

function rangeOf({ type }: FeaturePlan): keyof typeof MESSAGES {
  return type === 'integer' || type === 'bigint' ? type : 'other'
}

/** How options name the checks of {@link checkWritten}. */
export function writtenKeys({ view, table }: Pick<WrittenRows, 'view' | 'table'>, leaves: Leaves): readonly string[] {
  return growing(leaves, view).map(({ feature }) => checkKey({ table, column: feature.name, check: 'fits' }))
}

/**
 * Looks for features that are null because a number does not fit: a sum, which is null for no other reason, and what is
 * calculated from features of the same row that are there.
 */
export async function checkWritten(
  warehouse: Warehouse,
  rows: WrittenRows,
  { severity = {}, redact }: QualityOptions,
  run: Run,
): Promise<readonly CheckResult[]> {
  const { view, table } = rows
  const results: CheckResult[] = []
  const wanted = growing(warehouse.leaves, view).flatMap((one) => {
    const set = severity[checkKey({ table, column: one.feature.name, check: 'fits' })] ?? defaultSeverity.fits
    return set === 'off' ? [] : [{ ...one, severity: set }]
  })
  const written = sql`SELECT * FROM ${tableRef(table)} WHERE run_id = ${sql.lit(rows.run)}`
  for (let start = 0; start < wanted.length; start += FEATURES_PER_STATEMENT) {
    const batch = wanted.slice(start, start + FEATURES_PER_STATEMENT)
    const counts = batch.map(
      ({ bad }, i) =>
        sql`${whole(warehouse.leaves, sql`SUM(CASE WHEN ${bad} THEN 1 ELSE 0 END)`)} AS ${sql.id(`c${i}`)}`,
    )
    const found = await warehouse.read(
      sql`SELECT ${sql.join([sql`COUNT(*) AS total`, ...counts])} FROM (${written}) w`,
      run,
    )
    const total = countAt(found, 0)
    for (const [i, one] of batch.entries()) {
      const count = countAt(found, i + 1)
      results.push({
        view: view.name,
        table,
        column: one.feature.name,
        check: 'fits',
        severity: one.severity,
        count,
        total,
        example: count === 0 || redact === true ? null : await exampleOf(warehouse, view, written, one, run),
        message: `${MESSAGES[rangeOf(one.feature)]}, and is null`,
        query: warehouse.compile(sql`SELECT * FROM (${written}) w WHERE ${one.bad} LIMIT 100`).sql,
        scanned: `${table}: the ${total} rows that this run wrote`,
      })
    }
  }
  return results
}

function growing(leaves: Leaves, view: ViewPlan): readonly Growing[] {
  return view.features.flatMap((feature): readonly Growing[] => {
    const kind = featureKind(feature)
    const value = sql.id('w', feature.name)
    if (kind.stage === 'facts') {
      const [part, ...others] = kind.parts(feature)
      // A window that may not exist is null for that reason too.
      return part?.kind.grows === true && others.length === 0 && !feature.nullable
        ? [{ feature, bad: sql`${value} IS NULL`, about: undefined }]
        : []
    }
    if (kind.stage !== 'derived') return []
    const typeOf = (name: string): FeaturePlan['type'] =>
      name === FEATURE_TIME ? 'timestamp' : (view.features.find((other) => other.name === name)?.type ?? 'double')
    const reads = kind.reads(feature).flatMap((reading) => (reading.of === 'row' ? [typeOf(reading.feature)] : []))
    if (feature.type !== 'double' && !reads.some(isWhole)) return []
    // As doubles no whole number is too large, and what is beyond doubles is infinite, not null.
    const roughly = kind.value(feature, leaves, (name): TypedSql => {
      const column = sql.id('w', name)
      return isNumber(typeOf(name))
        ? { sql: leaves.toDouble(column), type: 'double' }
        : { sql: column, type: typeOf(name) }
    })
    const bad = sql`${value} IS NULL AND ${roughly} IS NOT NULL`
    return [{ feature, bad, about: isNumber(feature.type) ? roughly : undefined }]
  })
}

/** The first row where a feature did not fit: its entity, its time and what the value is about. */
async function exampleOf(
  warehouse: Warehouse,
  { entity }: ViewPlan,
  written: Sql,
  { bad, about }: Growing,
  run: Run,
): Promise<string | null> {
  const keys = entity.keys.map(({ name }) => sql.id('w', name))
  const place = [...keys, sql`w.feature_time`]
  const columns = about === undefined ? place : [...place, sql`${about} AS about`]
  const [row] = rowsOf(
    await warehouse.read(
      sql`SELECT ${sql.join(columns)} FROM (${written}) w WHERE ${bad} ORDER BY ${sql.join(place)} LIMIT 1`,
      run,
    ),
  )
  if (row === undefined) return null
  const text = (value: unknown): string => (value instanceof Date ? value.toISOString() : String(value))
  // As erasures look for keys.
  const key = (value: unknown, type: ColumnType): string => (type === 'date' ? text(value).slice(0, 10) : text(value))
  const who = entity.keys.map(({ name, type }) => `${name} ${key(row[name], type)}`).join(', ')
  const value = about === undefined ? '' : `, about ${text(row['about'])}`
  return `${who}${who === '' ? '' : ' '}at ${text(row['feature_time'])}${value}`
}

function countAt(found: ColumnBatch, place: number): number {
  return Number(found.columns[place]?.values[0] ?? 0)
}
