import { sql, tableRef, type ColumnType, type Warehouse } from '@martlet/warehouse'
import type { EntityPlan } from '../plan/source-plan.ts'
import type { KnownPlans, RelatedEntities } from './related-entities.ts'
import { eventsOf } from '../vocabulary/sources/list.ts'

/** A training set that was written to a table, and the service whose vectors it holds, if that is known. */
export interface TrainingTable {
  readonly table: string
  readonly service?: string
}

/** A table of Martlet's own whose rows have an owner. */
export interface HeldTable {
  readonly table: string
  readonly kind: 'feature table' | 'published keys' | 'tiles' | 'training set' | 'rows of a monitor'
  /** The names of the erased entity's key columns there, in its order. */
  readonly keys: readonly string[]
  /** Of tiles: the table that they are computed from, as far as it is known. */
  readonly fact?: string
}

export interface HeldTables {
  readonly tables: readonly HeldTable[]
  /** Tables that may be about the entity, and why they were left alone. */
  readonly unreached: readonly string[]
}

type Columns = readonly { readonly name: string; readonly type: ColumnType }[]

interface Candidate {
  readonly kind: HeldTable['kind']
  /** Entities that the rows may be about: those that the definitions name, else all with these key columns. */
  readonly owners: readonly EntityPlan[]
  readonly fact?: string
}

const LEDGER = 'features_internal.moment_tables'

/**
 * Finds the tables by looking at the warehouse, not at the definitions: side tables of rebuilds, tables of removed
 * views, tiles that nobody reads any more and training sets hold rows as well.
 */
export async function heldTables(
  warehouse: Warehouse,
  entity: EntityPlan,
  related: RelatedEntities,
  plans: KnownPlans,
  training: readonly TrainingTable[],
): Promise<HeldTables> {
  const facts = await tileFacts(warehouse)
  const tables: HeldTable[] = []
  const unreached: string[] = []
  for (const { table, names } of await ownTables(warehouse, training)) {
    const spine = names.some((name) => name === 'spine_row')
    for (const role of [{}, ...(spine ? related.roles : [])]) {
      const asKeys = keyNames(role)
      if (!related.hasColumns(names.flatMap(asKeys))) continue
      const columns = ((await warehouse.introspect(table)) ?? []).flatMap((column) =>
        asKeys(column.name).map((key) => ({ ...column, name: key, column: column.name })),
      )
      const candidate = candidateOf(table, columns, { plans, related, facts, training })
      if (candidate === undefined) continue
      const keys = keyColumns(entity, columns)?.map((key) => columns.find(({ name }) => name === key)?.column ?? key)
      const why =
        keys === undefined ? { because: 'they are of another type there' } : doubt(candidate.owners, entity, related)
      if (why === 'another entity') continue
      if (why !== undefined)
        unreached.push(`${table}: it has the key columns of ${entity.name}, but ${why.because}; look at it yourself`)
      else if (keys !== undefined)
        tables.push({
          table,
          kind: candidate.kind,
          keys,
          ...(candidate.fact === undefined ? {} : { fact: candidate.fact }),
        })
    }
  }
  return { tables, unreached }
}

/** What a column is called where the columns of a role stand for the keys: nothing, where a role has another one. */
function keyNames(role: Readonly<Record<string, string>>): (column: string) => readonly string[] {
  const keys = new Map(Object.entries(role).map(([key, column]) => [column.toLowerCase(), key]))
  const taken = new Set(Object.keys(role).map((key) => key.toLowerCase()))
  return (column) => {
    const key = keys.get(column.toLowerCase())
    if (key !== undefined) return [key]
    return taken.has(column.toLowerCase()) ? [] : [column]
  }
}

interface Knowledge {
  readonly plans: KnownPlans
  readonly related: RelatedEntities
  readonly facts: ReadonlyMap<string, string>
  readonly training: readonly TrainingTable[]
}

function candidateOf(
  table: string,
  columns: Columns,
  { plans, related, facts, training }: Knowledge,
): Candidate | undefined {
  const names = columns.map(({ name }) => name)
  const lower = table.toLowerCase()
  const before = (name: string): readonly string[] | undefined =>
    names.includes(name) ? names.slice(0, names.indexOf(name)) : undefined
  const owned = (owners: readonly EntityPlan[], otherwise: (other: EntityPlan) => boolean): readonly EntityPlan[] =>
    owners.length > 0 ? owners : related.known.filter(otherwise)
  if (lower.startsWith('features.')) {
    const key = before('feature_time')
    return (
      key && {
        kind: 'feature table',
        owners: owned(viewOwners(lower.slice('features.'.length), key, plans), (other) => sameColumns(key, other)),
      }
    )
  }
  if (lower.startsWith('features_internal.published_')) {
    const key = before('feature_time') ?? names
    const view = lower.slice('features_internal.published_'.length)
    return { kind: 'published keys', owners: owned(viewOwners(view, key, plans), (other) => sameColumns(key, other)) }
  }
  if (lower.startsWith('features_internal.')) {
    const key = before('tile')
    const fact = facts.get(lower)
    return (
      key && {
        kind: 'tiles',
        owners: owned(factOwners(fact, key, plans), (other) => sameColumns(key, other)),
        ...(fact === undefined ? {} : { fact }),
      }
    )
  }
  if (!names.includes('spine_row')) return undefined
  const service =
    training.find((one) => one.table.toLowerCase() === lower)?.service ?? /^training\.(.+)$/.exec(lower)?.[1]
  const owners = plans.services
    .filter(({ name }) => name.toLowerCase() === service?.toLowerCase())
    .flatMap(({ views }) => views.map(({ view }) => view.entity))
  return {
    kind: lower.startsWith('monitoring.') ? 'rows of a monitor' : 'training set',
    owners: owned(owners, (other) => covers(names, other)),
  }
}

/** A view's own table, or one kept next to it: `<view>__rebuild_<hash>`. */
function viewOwners(name: string, key: readonly string[], { views }: KnownPlans): readonly EntityPlan[] {
  const named = views.filter(
    (view) => name === view.name.toLowerCase() || name.startsWith(`${view.name.toLowerCase()}__`),
  )
  const longest = Math.max(0, ...named.map((view) => view.name.length))
  return named
    .filter((view) => view.name.length === longest && sameColumns(key, view.entity))
    .map(({ entity }) => entity)
}

function factOwners(fact: string | undefined, key: readonly string[], { views }: KnownPlans): readonly EntityPlan[] {
  const reading = views.filter(
    ({ source }) =>
      eventsOf(source) !== undefined && (fact === undefined || source?.table.toLowerCase() === fact.toLowerCase()),
  )
  return reading.flatMap(({ entity }) => (sameColumns(key, entity) ? [entity] : []))
}

/** Why a table is left alone; undefined: its rows are about the entity. */
function doubt(
  owners: readonly EntityPlan[],
  entity: EntityPlan,
  related: RelatedEntities,
): 'another entity' | { readonly because: string } | undefined {
  const claims = owners.filter(({ keys }) => related.hasColumns(keys.map(({ name }) => name)))
  const other = claims.find((owner) => !related.isRelated(owner))
  if (other === undefined)
    return claims.length > 0 ? undefined : { because: 'no definition says whom its rows are about' }
  if (claims.some((owner) => related.isRelated(owner)))
    return { because: `its rows may as well be about ${other.name}` }
  if (claims.every(({ keys }) => keys.length === entity.keys.length)) return 'another entity'
  return { because: `no fact, service or label says that they mean the same in ${other.name}` }
}

function covers(names: readonly string[], entity: EntityPlan): boolean {
  const lower = names.map((name) => name.toLowerCase())
  return entity.keys.every(({ name }) => lower.includes(name.toLowerCase()))
}

function sameColumns(names: readonly string[], entity: EntityPlan): boolean {
  return names.length === entity.keys.length && covers(names, entity)
}

/** The table's names of the key columns; undefined when one is of another kind than the entity's. */
export function keyColumns(entity: EntityPlan, columns: Columns): readonly string[] | undefined {
  const found = entity.keys.map(
    (key) =>
      columns.find(
        ({ name, type }) => name.toLowerCase() === key.name.toLowerCase() && family(type) === family(key.type),
      )?.name,
  )
  return found.every((name) => name !== undefined) ? found : undefined
}

function family(type: ColumnType): string {
  return typeof type !== 'string' || type === 'integer' || type === 'bigint' || type === 'double' ? 'number' : type
}

const SCHEMAS = new Set(['features', 'features_internal', 'training', 'monitoring'])

async function ownTables(
  warehouse: Warehouse,
  training: readonly TrainingTable[],
): Promise<readonly { readonly table: string; readonly names: readonly string[] }[]> {
  const given = new Set(training.map(({ table }) => table.toLowerCase()))
  return (await warehouse.db.introspection.getTables()).flatMap(({ schema, name, isView, columns }) => {
    const table = schema === undefined ? name : `${schema}.${name}`
    const own = !isView && (SCHEMAS.has(schema?.toLowerCase() ?? '') || given.has(table.toLowerCase()))
    return own ? [{ table, names: columns.map((column) => column.name) }] : []
  })
}

async function tileFacts(warehouse: Warehouse): Promise<ReadonlyMap<string, string>> {
  if ((await warehouse.introspect(LEDGER)) === undefined) return new Map()
  const { columns } = await warehouse.read(sql`SELECT DISTINCT table_name, fact FROM ${tableRef(LEDGER)}`)
  const [names, facts] = columns
  if (names?.type !== 'text' || facts?.type !== 'text') return new Map()
  return new Map(names.values.map((name, index) => [name.toLowerCase(), facts.values[index] ?? '']))
}
