import { missingColumn, nameIn, type OnDemandPlan, type ServiceView } from '@martlet/feature-store'
import { rowsOf, sql, tableRef, temporaryTableName, type Leaves, type Sql, type Warehouse } from '@martlet/warehouse'
import type { ChangedDefinitions } from './changed-definitions.ts'
import type { ComparedField, ComparedFields } from './compared-fields.ts'
import type { ViewEvidence, Witnesses } from './evidence.ts'
import { distance, equalValues, type TypedValue } from './equal-values.ts'
import { parityReasons, type ParityReason } from './parity-result.ts'
import { loggedValue, VERSION, WINDOW, type RecomputedRows } from './recomputed-rows.ts'
import { viewEvidence } from './view-evidence.ts'

/** Features that are compared in one statement. */
const AT_ONCE = 40

/** The code of a value that is equal; reasons follow from 1 on. */
export const EQUAL = 0

export function codeOf(reason: ParityReason): number {
  return parityReasons.indexOf(reason) + 1
}

/**
 * Some fields, and the rows in which any of them differs: a temporary table with `spine_row`, `w`, and for field i `c<i>` (its
 * code, null where it was not read) and `d<i>` (how far numbers are apart); none where all rows are equal.
 */
export interface MismatchCodes {
  readonly table: string | undefined
  readonly fields: readonly ComparedField[]
  readonly counts: readonly EqualCount[]
}

interface Rows {
  readonly recomputed: RecomputedRows
  readonly compared: ComparedFields
  readonly changed: ChangedDefinitions
  readonly witnesses: Witnesses
}

/**
 * Compares the fields row by row in the warehouse and gives each value that differs its reason: a few dozen fields at a time,
 * on-demand features last. Where all values are equal, nothing else is looked at.
 */
export async function mismatchCodes(session: Warehouse, rows: Rows): Promise<readonly MismatchCodes[]> {
  const { fields, service } = rows.compared
  const found: MismatchCodes[] = []
  const evidence = new Map<string, ViewEvidence>()
  const evidenceOf = async (read: ServiceView): Promise<ViewEvidence> => {
    const known = evidence.get(nameIn(read)) ?? (await viewEvidence(session, read, rows.recomputed, rows.witnesses))
    evidence.set(nameIn(read), known)
    return known
  }
  const codes = async (own: readonly ComparedField[], given: () => Promise<Given>): Promise<void> => {
    for (const part of partsOf(own)) {
      const counts = await equalCounts(session, rows, part)
      const table = counts.some(({ compared, equal }) => equal < compared)
        ? await coded(session, rows, part, await given())
        : undefined
      found.push({ table, fields: part, counts })
    }
  }
  for (const read of service.views)
    await codes(
      fields.filter(({ of }) => of === nameIn(read)),
      async () => {
        const known = await evidenceOf(read)
        return { join: known.join, reasons: (field) => viewReasons(session.leaves, rows, read, known, field) }
      },
    )
  for (const { plan } of service.onDemand ?? [])
    await codes(
      fields.filter(({ of }) => of === plan.name),
      async () => {
        const names = new Set(plan.inputs.map(({ view }) => view))
        const views: ViewEvidence[] = []
        for (const read of service.views) if (names.has(nameIn(read))) views.push(await evidenceOf(read))
        const given = inputsOf(plan, found, views)
        return { join: given.join, reasons: (field) => onDemandReasons(rows, plan, given, field) }
      },
    )
  return found
}

function partsOf(fields: readonly ComparedField[]): readonly (readonly ComparedField[])[] {
  const parts: (readonly ComparedField[])[] = []
  for (let at = 0; at < fields.length; at += AT_ONCE) parts.push(fields.slice(at, at + AT_ONCE))
  return parts
}

/** Conditions in the order in which they decide. */
type Reasons = readonly (readonly [reason: ParityReason, holds: Sql])[]

interface Given {
  readonly join: Sql
  reasons(field: ComparedField): Reasons
}

async function coded(
  session: Warehouse,
  { recomputed, compared }: Rows,
  fields: readonly ComparedField[],
  { join, reasons }: Given,
): Promise<string> {
  const { leaves } = session
  const table = temporaryTableName('parity_codes')
  const differing: Sql[] = []
  const columns = fields.flatMap((field, i) => {
    const { logged, now } = sides(compared, field)
    const equal = equalValues(leaves, logged, now, field.relative)
    const cases = reasons(field).map(([reason, holds]) => sql`WHEN ${holds} THEN ${sql.lit(codeOf(reason))}`)
    const code = sql`
      CASE WHEN ${equal} THEN ${sql.lit(EQUAL)} ${sql.join(cases, sql` `)} ELSE ${sql.lit(codeOf('unknown'))} END
    `
    const isRead = readBy(field)
    differing.push(sql`NOT (${equal})`)
    return [
      sql`${isRead === undefined ? code : sql`CASE WHEN ${isRead} THEN ${code} END`} AS ${sql.raw(`c${i}`)}`,
      sql`CASE WHEN NOT (${equal}) THEN ${distance(leaves, logged, now)} END AS ${sql.raw(`d${i}`)}`,
    ]
  })
  const query = sql`
    SELECT p.spine_row AS spine_row, p.${sql.id(WINDOW)} AS w, ${sql.join(columns)}
    FROM (SELECT * FROM ${tableRef(recomputed.table)} p WHERE ${sql.join(differing, sql` OR `)}) p ${join}
  `
  await session.run(leaves.createTableAs(table, query, { temporary: true }))
  return table
}

/** How often a field was compared in a window, and was equal. */
export interface EqualCount {
  readonly field: ComparedField
  /** A number of `WindowSql`. */
  readonly w: number
  readonly compared: number
  readonly equal: number
}

async function equalCounts(
  session: Warehouse,
  { recomputed, compared }: Rows,
  fields: readonly ComparedField[],
): Promise<readonly EqualCount[]> {
  const counts = fields.flatMap((field, i) => {
    const { logged, now } = sides(compared, field)
    const equal = equalValues(session.leaves, logged, now, field.relative)
    const isRead = readBy(field)
    const both = isRead === undefined ? equal : sql`${isRead} AND ${equal}`
    return [
      sql`${isRead === undefined ? sql`COUNT(*)` : sql`SUM(CASE WHEN ${isRead} THEN 1 ELSE 0 END)`} AS ${sql.raw(`n${i}`)}`,
      sql`SUM(CASE WHEN ${both} THEN 1 ELSE 0 END) AS ${sql.raw(`e${i}`)}`,
    ]
  })
  const w = sql.id('p', WINDOW)
  const found = rowsOf(
    await session.read(sql`
      SELECT ${w} AS w, ${sql.join(counts)} FROM ${tableRef(recomputed.table)} p GROUP BY ${w} ORDER BY w
    `),
  )
  return found.flatMap((row) =>
    fields.map((field, i) => ({
      field,
      w: Number(row['w']),
      compared: Number(row[`n${i}`]),
      equal: Number(row[`e${i}`]),
    })),
  )
}

/** The logged and the recomputed value; what was missing is null on both sides, whatever stood for it. */
export function sides(
  { fields }: ComparedFields,
  field: ComparedField,
): { readonly logged: TypedValue; readonly now: TypedValue } {
  const value = sql.id('p', field.name)
  const now = field.hasDefault ? sql`CASE WHEN NOT ${sql.id('p', missingColumn(field))} THEN ${value} END` : value
  return {
    logged: { sql: sql.id('p', loggedValue(fields.indexOf(field))), type: field.logged?.type ?? field.type },
    now: { sql: now, type: field.type },
  }
}

function readBy({ versions }: ComparedField): Sql | undefined {
  if (versions === undefined) return undefined
  return sql`${sql.id('p', VERSION)} IN (${sql.join(versions.map((version) => sql.lit(version)))})`
}

function isOneOf(column: string | undefined, hashes: readonly string[]): Sql {
  if (column === undefined || hashes.length === 0) return sql`(1 = 0)`
  return sql`COALESCE(${sql.id('p', column)} IN (${sql.join(hashes.map((hash) => sql`${hash}`))}), 1 = 0)`
}

function viewReasons(
  leaves: Leaves,
  { recomputed: { served }, compared, changed }: Rows,
  { via }: ServiceView,
  known: ViewEvidence,
  field: ComparedField,
): Reasons {
  const { logged, now } = sides(compared, field)
  const changes = [
    isOneOf(served.column(field.of, 'definition'), changed.of(field.of, field.feature)),
    ...(via === undefined
      ? []
      : via.features.map((feature) =>
          isOneOf(served.column(nameIn(via), 'definition'), changed.of(nameIn(via), feature)),
        )),
  ]
  const stored = known.value(field.feature)
  const ifStored = (condition: Sql): Sql => (stored === undefined ? sql`(1 = 0)` : condition)
  const asStored =
    stored === undefined
      ? sql`(1 = 0)`
      : sql`(${known.stored} AND ${equalValues(leaves, logged, stored, field.relative)})`
  // Lines that say nothing of times have a value although they have no feature time.
  const untimed = sql`(${known.none} AND ${logged.sql} IS NOT NULL)`
  return [
    ['definition', sql`(${sql.join(changes, sql` OR `)})`],
    ['ttl', sql`((${known.withheld} AND ${now.sql} IS NOT NULL) OR (${known.tooOld} AND ${logged.sql} IS NOT NULL))`],
    ['late facts', sql`(${ifStored(known.cameLater)} AND ${logged.sql} IS NULL)`],
    ['store behind', sql`(${known.older} OR (${known.lacking} AND ${logged.sql} IS NULL) OR ${known.lookupBehind})`],
    [
      'late facts',
      sql`((${known.due} OR ${untimed}) AND ${asStored}) OR (${known.due} AND ${ifStored(known.rewritten)}) OR ${known.changed}`,
    ],
  ]
}

interface GivenInputs {
  readonly join: Sql
  /** Of each input that was logged, its code; null in rows of versions that do not read it. */
  readonly codes: readonly Sql[]
  readonly inputs: readonly { readonly view: string; readonly feature: string }[]
  readonly views: readonly ViewEvidence[]
}

/** What is known about what an on-demand feature is computed from. */
function inputsOf(plan: OnDemandPlan, found: readonly MismatchCodes[], views: readonly ViewEvidence[]): GivenInputs {
  const joins: Sql[] = []
  const codes: Sql[] = []
  for (const { table, fields } of found) {
    const wanted = fields.flatMap((field, i) =>
      plan.inputs.some((input) => input.name === field.name) ? [{ field, i }] : [],
    )
    if (wanted.length === 0) continue
    const alias = `i${joins.length}`
    if (table !== undefined)
      joins.push(sql` LEFT JOIN ${tableRef(table)} ${sql.id(alias)} ON ${sql.id(alias, 'spine_row')} = p.spine_row`)
    for (const { field, i } of wanted) {
      const isRead = readBy(field)
      // A row that no table has is equal in all fields.
      const equal = isRead === undefined ? sql.lit(EQUAL) : sql`CASE WHEN ${isRead} THEN ${sql.lit(EQUAL)} END`
      codes.push(table === undefined ? equal : sql`COALESCE(${sql.id(alias, `c${i}`)}, ${equal})`)
    }
  }
  return { join: sql.join(joins, sql``), codes, inputs: plan.inputs, views }
}

function onDemandReasons(
  { recomputed: { served }, changed }: Rows,
  plan: OnDemandPlan,
  { codes, inputs, views }: GivenInputs,
  { feature }: ComparedField,
): Reasons {
  const any = (conditions: readonly Sql[]): Sql =>
    conditions.length === 0 ? sql`(1 = 0)` : sql`(${sql.join(conditions, sql` OR `)})`
  const differs = (reason: ParityReason): readonly Sql[] =>
    codes.map((code) => sql`${code} = ${sql.lit(codeOf(reason))}`)
  const definitions = [
    isOneOf(served.column(plan.name, 'definition'), changed.of(plan.name, feature)),
    ...inputs.map((one) => isOneOf(served.column(one.view, 'definition'), changed.of(one.view, one.feature))),
  ]
  // All that it reads was logged, and is equal.
  const isTheFunction =
    plan.kind === 'function' && codes.length === inputs.length
      ? sql.join([sql`1 = 1`, ...codes.map((code) => sql`${code} = ${sql.lit(EQUAL)}`)], sql` AND `)
      : undefined
  return [
    ['definition', any(definitions)],
    ['ttl', any([...views.flatMap(({ withheld, tooOld }) => [withheld, tooOld]), ...differs('ttl')])],
    [
      'store behind',
      any([...views.flatMap(({ older, lookupBehind }) => [older, lookupBehind]), ...differs('store behind')]),
    ],
    ['late facts', any(differs('late facts'))],
    ...(isTheFunction === undefined ? [] : ([['function', isTheFunction]] as const)),
  ]
}
