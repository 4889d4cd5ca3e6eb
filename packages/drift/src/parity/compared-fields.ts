import {
  entityIn,
  nameIn,
  serviceRequest,
  vectorFields,
  type ServicePlan,
  type ServiceView,
} from '@martlet/feature-store'
import { rowsOf, sql, tableRef, typeText, type ColumnSpec, type ColumnType, type Warehouse } from '@martlet/warehouse'
import { columnNamed } from '../count/spelling.ts'
import { keyColumn } from '../predictions/prediction-rows.ts'
import { isFeatureColumn, requestColumn } from '../predictions/served-columns.ts'
import { asDeclared } from './as-declared.ts'
import { isNumeric } from './equal-values.ts'
import type { LoggedRows } from './logged-rows.ts'
import type { NotCompared } from './parity-result.ts'
import type { ParityRequest } from './parity-request.ts'
import { ruleOf } from './parity-rules.ts'

/** A feature of the service whose logged values are compared. */
export interface ComparedField {
  /** `view__feature` */
  readonly name: string
  /** The view, by its name in the service, or the on-demand feature. */
  readonly of: string
  readonly feature: string
  readonly type: ColumnType
  readonly hasDefault: boolean
  /** The column of the log; undefined where it never had a value. */
  readonly logged: ColumnSpec | undefined
  /** The versions that read it; undefined: all. */
  readonly versions: readonly number[] | undefined
  readonly relative: number
}

export interface ComparedFields {
  readonly fields: readonly ComparedField[]
  readonly notCompared: readonly NotCompared[]
  /** The service with what has to be computed for these fields. */
  readonly service: ServicePlan
}

/** Which features of a service can be compared, and why others cannot. */
export async function comparedFields(
  warehouse: Warehouse,
  request: ParityRequest,
  service: ServicePlan,
  rows: LoggedRows,
): Promise<ComparedFields> {
  const { features: rules = {} } = request
  const asking = await unanswered(warehouse, service, rows)
  const read = await readVersions(warehouse, request, service, rows)
  const fields: ComparedField[] = []
  const notCompared: NotCompared[] = []
  for (const field of vectorFields(service)) {
    const logged = columnNamed(rows.columns, field.name)
    const versions = read.get(field.name) ?? []
    const rule = rules[field.name]
    const why =
      rule === false
        ? 'left out by the configuration'
        : asking.has(field.view)
          ? 'computed from values of the request, which were not logged for all predictions'
          : versions.length === 0
            ? 'never logged with a value: its models do not read it, or it was always missing'
            : misfit(logged, field.type)
    if (why !== undefined) {
      notCompared.push({ feature: field.name, why })
      continue
    }
    fields.push({
      name: field.name,
      of: field.view,
      feature: field.feature,
      type: field.type,
      hasDefault: field.default !== undefined,
      logged,
      versions: versions.length === rows.versions.length ? undefined : versions,
      relative: ruleOf(request, field.name).tolerance,
    })
  }
  for (const feature of await removedFeatures(warehouse, service, rows))
    notCompared.push({ feature, why: 'the service does not have it any more' })
  return { fields, notCompared, service: neededOf(service, fields, asking) }
}

/** On-demand features whose request values the log does not have for every prediction. */
async function unanswered(warehouse: Warehouse, service: ServicePlan, rows: LoggedRows): Promise<ReadonlySet<string>> {
  const lacking = new Set<string>()
  for (const { name, type, nullable } of serviceRequest(service)) {
    const column = columnNamed(rows.columns, requestColumn(name))
    if (column === undefined) {
      lacking.add(name)
      continue
    }
    if (nullable) continue
    const where = sql`${rows.where} AND ${asDeclared(warehouse.leaves, column, type)} IS NULL`
    const found = await warehouse.read(sql`SELECT 1 AS one FROM ${tableRef(rows.table)} WHERE ${where} LIMIT 1`)
    if (found.rows > 0) lacking.add(name)
  }
  const asking = (service.onDemand ?? []).filter(({ plan }) => plan.request.some(({ name }) => lacking.has(name)))
  return new Set(asking.map(({ plan }) => plan.name))
}

/** The versions that read each feature. */
async function readVersions(
  warehouse: Warehouse,
  { reads }: ParityRequest,
  service: ServicePlan,
  rows: LoggedRows,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const names = vectorFields(service).map(({ name }) => name)
  const found = new Map<string, number[]>(names.map((name) => [name, []]))
  const told = rows.versions.filter((version) => reads?.has(version) === true)
  for (const version of told) for (const name of reads?.get(version) ?? []) found.get(name)?.push(version)
  if (told.length === rows.versions.length) return found
  const columns = names.flatMap((name) => {
    const column = columnNamed(rows.columns, name)
    return column === undefined ? [] : [{ name, column: column.name }]
  })
  for (let at = 0; at < columns.length; at += COUNTED_AT_ONCE) {
    const part = columns.slice(at, at + COUNTED_AT_ONCE)
    const counts = part.map(({ column }, i) => sql`COUNT(${sql.id(column)}) AS ${sql.raw(`n${i}`)}`)
    const counted = rowsOf(
      await warehouse.read(sql`
        SELECT ${rows.version} AS version, ${sql.join(counts)} FROM ${tableRef(rows.table)} WHERE ${rows.where}
        GROUP BY ${rows.version}
      `),
    )
    for (const row of counted) {
      const version = Number(row['version'])
      if (told.includes(version)) continue
      for (const [i, { name }] of part.entries()) if (Number(row[`n${i}`]) > 0) found.get(name)?.push(version)
    }
  }
  return found
}

/** Features that were logged with a value, and that the service has no more: models still read them by their older definitions. */
async function removedFeatures(
  warehouse: Warehouse,
  service: ServicePlan,
  rows: LoggedRows,
): Promise<readonly string[]> {
  const known = new Set(
    [...vectorFields(service).map(({ name }) => name), ...spineKeys(service).map(({ name }) => keyColumn(name))].map(
      (name) => name.toLowerCase(),
    ),
  )
  const others = rows.columns.filter(({ name }) => isFeatureColumn(name) && !known.has(name.toLowerCase()))
  const removed: string[] = []
  for (let at = 0; at < others.length; at += COUNTED_AT_ONCE) {
    const part = others.slice(at, at + COUNTED_AT_ONCE)
    const counts = part.map(({ name }, i) => sql`COUNT(${sql.id(name)}) AS ${sql.raw(`n${i}`)}`)
    const [row] = rowsOf(
      await warehouse.read(sql`SELECT ${sql.join(counts)} FROM ${tableRef(rows.table)} WHERE ${rows.where}`),
    )
    removed.push(...part.flatMap(({ name }, i) => (Number(row?.[`n${i}`] ?? 0) > 0 ? [name] : [])))
  }
  return removed
}

/** Columns that are counted in one statement. */
const COUNTED_AT_ONCE = 200

function misfit(logged: ColumnSpec | undefined, type: ColumnType): string | undefined {
  if (logged === undefined || logged.type === type || (isNumeric(logged.type) && isNumeric(type))) return undefined
  return `logged as ${typeText(logged.type)}, defined as ${typeText(type)}`
}

/** Only what is compared is computed again. */
function neededOf(service: ServicePlan, fields: readonly ComparedField[], asking: ReadonlySet<string>): ServicePlan {
  const wanted = new Set(fields.map(({ name }) => name))
  const onDemand = (service.onDemand ?? []).filter(
    ({ plan }) => !asking.has(plan.name) && fields.some(({ of }) => of === plan.name),
  )
  for (const { plan } of onDemand) for (const { name } of plan.inputs) wanted.add(name)
  const views = service.views.flatMap((read): ServiceView[] => {
    const name = nameIn(read)
    const features = read.features.filter((feature) => wanted.has(`${name}__${feature}`))
    const inputs = (read.inputs ?? []).filter((feature) => wanted.has(`${name}__${feature}`))
    return features.length + inputs.length === 0 ? [] : [{ ...read, features, inputs }]
  })
  const { onDemand: _, ...rest } = service
  return { ...rest, views, ...(onDemand.length === 0 ? {} : { onDemand }) }
}

/** The key columns that the views of a service have in its spine. */
export function spineKeys(service: ServicePlan): readonly ColumnSpec[] {
  const keys = service.views.flatMap((read) => entityIn(read).keys)
  return [...new Map(keys.map(({ name, type }) => [name, { name, type }])).values()]
}
