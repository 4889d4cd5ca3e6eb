import { MartletError, sql, type ColumnSpec, type Sql, type Warehouse } from '@martlet/warehouse'
import { presence, viewsOf } from '../count/absent-rows.ts'
import { numbersOf } from '../count/numbers-of.ts'
import { scanCategories } from '../count/scan-categories.ts'
import { openSource } from '../count/scan-source.ts'
import { categoryProfile } from './category-profile.ts'
import { withEffects } from './measure-effects.ts'
import { correlationOf } from './correlation.ts'
import { derivedRelation, withDerived, type DerivedColumn } from './derived-columns.ts'
import { incompleteProfile } from './incomplete-profile.ts'
import { measureNumbers } from './measure-numbers.ts'
import { numberProfile } from './number-profile.ts'
import {
  columnKind,
  profileSchema,
  type ColumnProfile,
  type ProfiledColumn,
  type ReferenceProfile,
} from './reference-profile.ts'
import type { RowKind, ViewAbsence } from './row-kind.ts'
import { isoOfMicros } from '../count/iso-of-micros.ts'
import { fromRelation, relationColumns, type Relation } from '../count/relation.ts'
import { columnNamed, spelledAs } from '../count/spelling.ts'
import { withTable } from '../count/with-table.ts'

export interface ReferenceRequest {
  /** Names the profile; it is stored and read by this name. */
  readonly name: string
  readonly relation: Relation
  readonly columns: readonly ProfiledColumn[]
  /** The column that says when a row happened; gives the profile's time range. */
  readonly time?: string
  /**
   * Columns that say which entity a row is about, none for rows that share only their time: how alike rows of one entity and of one
   * stretch of `time` are is then measured. @default rows count as independent
   */
  readonly entity?: readonly string[]
  /** What the rows are, which decides what may be compared with them. @default 'table' */
  readonly rowKind?: RowKind
  /** When the profile is made. @default the clock */
  readonly now?: Date
}

/** The share of rows at either end of the time that is left out when single rows may be far away. */
const TAIL = 0.05
/** From so many times as long as its inner rows on, the time of a reference is that of single rows. */
const FAR = 2

type Span = NonNullable<ReferenceProfile['mostly']>

/** A profile, and the rows that it is of as long as they are there. */
export interface MeasuredRows {
  readonly profile: ReferenceProfile
  /** The rows with columns as the profile spells them. */
  readonly relation: Relation
  readonly time: string | null
}

/**
 * Measures a reference window inside the warehouse. `complete` may count its rows further and add to the profile.
 *
 * @throws MartletError REFERENCE_EMPTY when the relation has no rows
 * @throws MartletError PROFILE_COLUMNS when a column is named twice or is not in the relation
 */
export async function measureReference(
  warehouse: Warehouse,
  request: ReferenceRequest,
  complete: (session: Warehouse, measured: MeasuredRows) => Promise<ReferenceProfile> = (_, { profile }) =>
    Promise.resolve(profile),
): Promise<ReferenceProfile> {
  const rows = await withoutDefaults(warehouse, request)
  return withTable(warehouse, rows, async (session, table) => {
    const present = await relationColumns(session, table)
    checkColumns(request, present)
    const names = request.columns.map(({ name }) => name)
    const spelled = spelledAs({ relation: table, columns: present }, names)
    const timeColumn = request.time === undefined ? undefined : columnNamed(spelled.columns, request.time)?.name
    const { rows: count, time, mostly } = await extent(session, spelled.relation, timeColumn)
    if (count === 0) {
      throw new MartletError(
        'REFERENCE_EMPTY',
        `The reference of profile ${request.name} has no rows, so nothing can be compared with it. Check its query.`,
        { data: { profile: request.name } },
      )
    }
    const { rowKind = 'table', now = new Date() } = request
    const asked = await withDerived(session, spelled, request.columns, timeColumn ?? null, time?.to ?? null)
    const derived = asked.flatMap((column) => ('derived' in column ? [column] : []))
    const relation = derivedRelation(session, spelled.relation, derived, { time: timeColumn ?? null, now })
    const columns = await profileColumns(session, relation, asked, count)
    const correlation = await correlationOf(session, relation, count, columns)
    const views = rowKind === 'table' ? {} : { views: await countAbsent(session, relation, request.columns) }
    const profile: ReferenceProfile = {
      schema: profileSchema,
      name: request.name,
      createdAt: now.toISOString(),
      rows: count,
      time,
      ...(mostly === null ? {} : { mostly }),
      columns: columns.map((column, index) =>
        asked[index]?.calendar === true ? { ...column, calendar: true } : column,
      ),
      rowKind,
      ...views,
      ...(correlation === null ? {} : { correlation }),
    }
    const known =
      request.entity === undefined
        ? profile
        : await withEffects(session, { ...spelled, relation }, profile, request.entity)
    return complete(session, { profile: known, relation, time: timeColumn ?? null })
  })
}

/** The rows with null where a column holds a default. */
async function withoutDefaults(warehouse: Warehouse, { relation, columns }: ReferenceRequest): Promise<Relation> {
  if (columns.every(({ missing }) => missing === undefined)) return relation
  const present = await relationColumns(warehouse, relation)
  const nulls = new Map<string, Sql>()
  for (const { name, missing } of columns) {
    const [column, mark] = [
      columnNamed(present, name),
      missing === undefined ? undefined : columnNamed(present, missing),
    ]
    if (column !== undefined && mark !== undefined)
      nulls.set(column.name, sql`CASE WHEN ${sql.id(mark.name)} THEN NULL ELSE ${sql.id(column.name)} END`)
  }
  const values = present.map(({ name }) => sql`${nulls.get(name) ?? sql.id(name)} AS ${sql.id(name)}`)
  return sql`SELECT ${sql.join(values)} FROM ${fromRelation(relation)}`
}

/** Refuses columns that are missing or named twice: some engines take names that differ in case only for one name. */
function checkColumns({ name, columns, time, entity = [] }: ReferenceRequest, present: readonly ColumnSpec[]): void {
  const invalid = (why: string): MartletError =>
    new MartletError(
      'PROFILE_COLUMNS',
      `Profile ${name} cannot be made: ${why}. Correct \`columns\`, \`entity\` or \`time\`.`,
      {
        data: { profile: name },
      },
    )
  const seen = new Set<string>()
  for (const column of columns) {
    const folded = column.name.toLowerCase()
    if (seen.has(folded)) throw invalid(`column ${column.name} is named twice`)
    seen.add(folded)
  }
  const named = [...columns.map((column) => column.name), ...(time === undefined ? [] : [time]), ...entity]
  const missing = named.filter((column) => columnNamed(present, column) === undefined)
  if (missing.length > 0) throw invalid(`its relation has no column ${missing.join(', ')}`)
}

async function extent(
  warehouse: Warehouse,
  table: Relation,
  time: string | undefined,
): Promise<Pick<ReferenceProfile, 'rows' | 'time'> & { readonly mostly: Span | null }> {
  const { leaves } = warehouse
  // Infinite times have no microseconds, and so are passed over.
  const micros = time === undefined ? sql`NULL` : leaves.toDouble(leaves.epochMicros(sql.id(time)))
  const inner = time === undefined ? [sql`NULL`, sql`NULL`] : leaves.quantiles(sql.raw('at_time'), [TAIL, 1 - TAIL])
  const found = [leaves.toDouble(sql`COUNT(*)`), sql`MIN(at_time)`, sql`MAX(at_time)`, ...inner]
  const batch = await warehouse.read(
    sql`
      SELECT ${sql.join(found.map((value, index) => sql`${value} AS ${sql.id(`e${index}`)}`))}
      FROM (SELECT ${micros} AS at_time FROM ${fromRelation(table)}) AS timed_rows
    `,
  )
  const [rows = 0, from = Number.NaN, to = Number.NaN, low = Number.NaN, high = Number.NaN] = batch.columns.map(
    (vector) => numbersOf(vector)[0] ?? Number.NaN,
  )
  if (time === undefined || Number.isNaN(from)) return { rows, time: null, mostly: null }
  // As far beyond the inner rows as the others reach if rows come as often there.
  const beyond = ((high - low) * TAIL) / (1 - 2 * TAIL)
  const [start, end] = [Math.max(from, low - beyond), Math.min(to, high + beyond)]
  return {
    rows,
    time: { column: time, from: isoOfMicros(from), to: isoOfMicros(to) },
    mostly: start < end && to - from > FAR * (end - start) ? { from: isoOfMicros(start), to: isoOfMicros(end) } : null,
  }
}

async function profileColumns(
  warehouse: Warehouse,
  table: Relation,
  columns: readonly (ProfiledColumn | DerivedColumn)[],
  rows: number,
): Promise<readonly ColumnProfile[]> {
  const source = openSource(warehouse, { relation: table, time: null, windows: [] })
  const numbers = columns.filter((column) => columnKind(column) === 'number')
  const categories = columns.filter((column) => columnKind(column) === 'category')
  const times = columns.filter((column) => columnKind(column) === 'time')
  const found = new Map<string, ColumnProfile>()

  const measured = await measureNumbers(warehouse, table, numbers, rows)
  for (const [index, column] of numbers.entries()) {
    const { bins, facts, binned } = measured[index] ?? incompleteProfile(column.name)
    found.set(column.name, numberProfile(column, facts, bins, binned))
  }
  const counted = await scanCategories(
    warehouse,
    source,
    categories.map(({ name, type }) => ({ name, type, always: [] })),
  )
  for (const [index, column] of categories.entries())
    found.set(column.name, categoryProfile(column, counted[index]?.[0] ?? incompleteProfile(column.name)))
  const nulls = await countNulls(
    warehouse,
    table,
    times.map(({ name }) => sql.id(name)),
  )
  for (const [index, { name, type, role = 'feature', importance = 1 }] of times.entries()) {
    found.set(name, { kind: 'time', name, type, role, importance, nulls: nulls[index] ?? 0 })
  }
  return columns.map((column) => ({
    ...(found.get(column.name) ?? incompleteProfile(column.name)),
    ...(column.sources === undefined ? {} : { sources: column.sources }),
    ...('derived' in column ? { derived: column.derived } : {}),
  }))
}

async function countAbsent(
  warehouse: Warehouse,
  table: Relation,
  columns: readonly ProfiledColumn[],
): Promise<readonly ViewAbsence[]> {
  const views = viewsOf(columns)
  const absent = await countNulls(warehouse, table, views.map(presence))
  return views.map((view, index) => ({ ...view, absent: absent[index] ?? 0 }))
}

/** Counts the nulls of values that nothing else measures. */
async function countNulls(warehouse: Warehouse, table: Relation, values: readonly Sql[]): Promise<readonly number[]> {
  if (values.length === 0) return []
  const nulls = values.map((value) => warehouse.leaves.toDouble(sql`COUNT(*) - COUNT(${value})`))
  const counts = nulls.map((count, index) => sql`${count} AS ${sql.id(`n${index}`)}`)
  const batch = await warehouse.read(
    sql`
      SELECT ${sql.join(counts)}
      FROM ${fromRelation(table)}
    `,
  )
  return batch.columns.map((vector) => numbersOf(vector)[0] ?? 0)
}
