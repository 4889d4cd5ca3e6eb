import { MartletError, sql, type ColumnSpec, type Sql, type Warehouse } from '@martlet/warehouse'
import { presence, viewsOf } from '../count/absent-rows.ts'
import { numbersOf } from '../count/numbers-of.ts'
import { scanCategories } from '../count/scan-categories.ts'
import { openSource, type OpenSource, type RowWeights } from '../count/scan-source.ts'
import { scanWindowRows } from '../count/scan-window-rows.ts'
import { relativeWeight, weighRows, type WeighedRows } from '../count/weigh-rows.ts'
import { categoryProfile } from './category-profile.ts'
import { withEffects } from './measure-effects.ts'
import { correlationOf } from './correlation.ts'
import { derivedRelation, withDerived, type DerivedColumn } from './derived-columns.ts'
import { incompleteProfile } from './incomplete-profile.ts'
import { profileNumbers } from './profile-numbers.ts'
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
  /**
   * A column of numbers by which rows count: what they stand for, such as survey weights or inverse sampling rates. Their unit does
   * not matter; rows without a weight above 0 are left out. @default each row counts as one
   */
  readonly weight?: string
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
  /** What the rows count as; absent: one each. */
  readonly weights?: RowWeights
}

/**
 * Measures a reference window inside the warehouse. `complete` may count its rows further and add to the profile.
 *
 * @throws MartletError REFERENCE_EMPTY when the relation has no rows
 * @throws MartletError PROFILE_COLUMNS when a column is named twice or is not in the relation
 * @throws MartletError WEIGHT_COLUMN when the column of weights is not there or holds no numbers
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
    const weighed =
      request.weight === undefined
        ? undefined
        : await weighRows(session, { ...spelled, time: null, windows: [] }, request.weight)
    const counting = weighed?.wrap(spelled.relation) ?? spelled.relation
    const { rows: count, time, mostly } = await extent(session, counting, timeColumn)
    if (count === 0) {
      const none = request.weight === undefined ? 'no rows' : `no rows with a weight above 0 in ${request.weight}`
      throw new MartletError(
        'REFERENCE_EMPTY',
        `The reference of profile ${request.name} has ${none}, so nothing can be compared with it. Check its query.`,
        { data: { profile: request.name } },
      )
    }
    const { rowKind = 'table', now = new Date() } = request
    const read = await withDerived(
      session,
      { ...spelled, relation: counting },
      request.columns,
      timeColumn ?? null,
      time?.to ?? null,
    )
    const derived = read.flatMap((column) => ('derived' in column ? [column] : []))
    const relation = derivedRelation(session, counting, derived, { time: timeColumn ?? null, now })
    const weights = weighed === undefined ? {} : { weights: weighed.weights }
    const asked =
      weighed === undefined ? read : [...read, { ...weighed.relative, role: 'weight' } satisfies ProfiledColumn]
    const source = openSource(session, { relation, time: null, windows: [], ...weights })
    const columns = await profileColumns(session, relation, source, asked, count)
    const correlation = await correlationOf(session, relation, count, columns)
    const views = rowKind === 'table' ? {} : { views: await countAbsent(session, relation, source, request.columns) }
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
      ...weightOf(request.weight, weighed),
      ...views,
      ...(correlation === null ? {} : { correlation }),
    }
    const known =
      request.entity === undefined && weighed === undefined
        ? profile
        : await withEffects(session, { ...spelled, relation, ...weights }, profile, request.entity)
    return complete(session, { profile: known, relation, time: timeColumn ?? null, ...weights })
  })
}

function weightOf(column: string | undefined, weighed: WeighedRows | undefined): Pick<ReferenceProfile, 'weight'> {
  const found = weighed?.found[0]
  return column === undefined || weighed === undefined || found === undefined
    ? {}
    : { weight: { column, ...found, average: weighed.average } }
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
function checkColumns(
  { name, columns, time, entity = [], weight }: ReferenceRequest,
  present: readonly ColumnSpec[],
): void {
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
  if (weight !== undefined && seen.has(relativeWeight(weight).toLowerCase()))
    throw invalid(`a column has the name ${relativeWeight(weight)} of the weights that are monitored`)
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
  source: OpenSource,
  columns: readonly (ProfiledColumn | DerivedColumn)[],
  rows: number,
): Promise<readonly ColumnProfile[]> {
  const numbers = columns.filter((column) => columnKind(column) === 'number')
  const categories = columns.filter((column) => columnKind(column) === 'category')
  const times = columns.filter((column) => columnKind(column) === 'time')
  const found = new Map<string, ColumnProfile>()

  const measured = await profileNumbers(warehouse, table, source, numbers, rows)
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
    source,
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
  source: OpenSource,
  columns: readonly ProfiledColumn[],
): Promise<readonly ViewAbsence[]> {
  const views = viewsOf(columns)
  const absent = await countNulls(warehouse, table, source, views.map(presence))
  return views.map((view, index) => ({ ...view, absent: absent[index] ?? 0 }))
}

/** Counts the nulls of values that nothing else measures. */
async function countNulls(
  warehouse: Warehouse,
  table: Relation,
  source: OpenSource,
  values: readonly Sql[],
): Promise<readonly number[]> {
  if (values.length === 0) return []
  if (source.weight !== undefined) return (await scanWindowRows(warehouse, source, values))[0]?.nulls ?? []
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
