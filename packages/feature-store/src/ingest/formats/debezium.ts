import { sameType, typeText } from '@martlet/warehouse'
import type { AnyEntity } from '../../define/sources/entity.ts'
import type { Dimension } from '../../define/sources/dimension.ts'
import type { Row } from '../../define/sources/columns.ts'
import type { IngestPlan } from '../../plan/ingest-plan.ts'
import type { DimensionPlan, SourceColumn } from '../../plan/source-plan.ts'
import type { ChangeFormat, FlattenedDeletes, WireColumn } from '../change/change-plan.ts'
import { changeLanding } from '../change/change-landing.ts'
import { changeEventReader } from '../change/change-events.ts'
import type { PositionBy } from '../change/positions.ts'
import { isWireType, type WireType } from '../change/wire/types.ts'
import { UNAVAILABLE } from '../change/wire/unchanged.ts'
import type { FormatKind } from './format-kind.ts'

/** Events are changes of rows of another database, as Debezium writes them. */
export interface DebeziumFormat extends ChangeFormat {
  readonly kind: 'debezium'
  /** The dimension that gets every version with its interval; null: none. */
  readonly history: DimensionPlan | null
  /** The column that marks rows which are deleted; null: they are removed. */
  readonly deleted: string | null
  /** The column that gets the time of the commit; null: none. */
  readonly committed: string | null
}

export interface DebeziumOptions {
  /** A dimension with `validFrom` and `validTo` that gets every version of a row. @default none */
  readonly history?: Dimension<Row, AnyEntity, true>
  /**
   * Whether deleted rows are removed from the table, or marked in a column: true in one of booleans, when in one of times.
   * @default 'remove'
   */
  readonly deletes?: 'remove' | { readonly mark: string }
  /** The column that gets the time at which the database committed the change. @default none */
  readonly committed?: string
  /**
   * That messages are rows, as `ExtractNewRecordState` makes them, with its `delete.tombstone.handling.mode`.
   * @default envelopes
   */
  readonly flattened?: FlattenedDeletes
  /** What the names of fields begin with that the transformation adds. @default '__' */
  readonly prefix?: string
  /**
   * What orders changes: the place in the database's log, the number in a GTID, or the order of arrival, which is right only
   * where nothing is delivered twice or out of order.
   * @default 'source'
   */
  readonly position?: PositionBy
  /** The table, where others are in the same stream: `table`, `schema.table` or `database.table`. @default all */
  readonly table?: string
  /** The types on the wire of columns whose values do not explain themselves, where messages have no schemas. */
  readonly columns?: Readonly<Record<string, WireType | WireColumn>>
  /** The connector's `unavailable.value.placeholder`. @default '__debezium_unavailable_value' */
  readonly unavailable?: string
}

/**
 * Events are changes that Debezium writes: envelopes or flattened rows, with or without schemas. The source's table gets the
 * newest version of every row; its `id` is the key of the rows.
 *
 * @example
 * source('customers', { into: customers, id: ['customer_id'], format: debezium({ history: dimCustomer }) })
 */
export function debezium(options: DebeziumOptions = {}): DebeziumFormat {
  const { history, deletes, committed, flattened, prefix, position, table, columns, unavailable } = options
  return {
    kind: 'debezium',
    history: history?.plan ?? null,
    deleted: typeof deletes === 'object' ? deletes.mark : null,
    committed: committed ?? null,
    flattened: flattened ?? null,
    prefix: prefix ?? '__',
    position: position ?? 'source',
    table: table ?? null,
    columns: Object.fromEntries(
      Object.entries(columns ?? {}).map(([name, type]) => [name, typeof type === 'string' ? { type } : type]),
    ),
    unavailable: unavailable ?? UNAVAILABLE,
  }
}

export const debeziumFormat: FormatKind<DebeziumFormat> = {
  kind: 'debezium',
  // A deletion may name its row in the key alone.
  withKey: true,
  refuses: (plan) => refusals(plan)[0],
  reader: (plan) => changeEventReader(plan),
  landing: (plan) => changeLanding(plan),
}

const FLATTENED: readonly FlattenedDeletes[] = [
  'drop',
  'tombstone',
  'rewrite',
  'rewrite-with-tombstone',
  'delete-to-tombstone',
]
const POSITIONS: readonly PositionBy[] = ['source', 'gtid', 'arrival']

/** Why a source cannot be of these changes, as ends of sentences about it. */
function refusals(plan: IngestPlan<DebeziumFormat>): readonly string[] {
  const { into, arrived, format } = plan
  const { deleted, committed, history, flattened, position, columns } = format
  const own = [...into.columns, ...(history?.columns ?? [])]
  const reserved = own.find(({ name }) => /^(_position|_order|_op|_at|_unchanged|martlet_.*)$/i.test(name))
  const unknown = Object.keys(columns).find((name) => !own.some((column) => column.name === name))
  const untyped = Object.entries(columns).find(([, { type }]) => !isWireType(type))
  return [
    ...(arrived === null
      ? []
      : [
          "arrived is for events that happen once; debezium({ committed }) names the column with the time of a row's commit",
        ]),
    ...(reserved === undefined ? [] : [`column '${reserved.name}' has a name that the log of changes needs`]),
    ...(unknown === undefined
      ? []
      : [`debezium() has a type for column '${unknown}', which no table of the source has`]),
    ...(untyped === undefined
      ? []
      : [`debezium() gives column '${untyped[0]}' the type '${untyped[1].type}', which is none`]),
    ...(flattened === null || FLATTENED.includes(flattened)
      ? []
      : [`flattened is '${flattened}'; it can be ${FLATTENED.join(', ')}`]),
    ...(POSITIONS.includes(position) ? [] : [`position is '${position}'; it can be ${POSITIONS.join(', ')}`]),
    ...markRefusals(plan, into.columns, deleted),
    ...timeRefusals(plan, into.columns, committed),
    ...(history === null ? [] : historyRefusals(plan, history)),
  ]
}

function markRefusals({ id }: IngestPlan, columns: readonly SourceColumn[], mark: string | null): readonly string[] {
  if (mark === null) return []
  const column = columns.find(({ name }) => name === mark)
  if (column === undefined) return [`deletes marks column '${mark}', which its table does not have`]
  if (id.includes(mark)) return [`deletes marks column '${mark}', which is part of its id`]
  if (column.type === 'boolean' || (column.type === 'timestamp' && column.nullable)) return []
  return [`deletes marks column '${mark}', which must be of booleans, or of times that may be null`]
}

function timeRefusals({ id }: IngestPlan, columns: readonly SourceColumn[], name: string | null): readonly string[] {
  if (name === null) return []
  const column = columns.find((one) => one.name === name)
  if (column?.type === 'timestamp' && !id.includes(name)) return []
  return [`committed is '${name}', which is no column of times in its table`]
}

function historyRefusals({ into, id, format }: IngestPlan<DebeziumFormat>, history: DimensionPlan): readonly string[] {
  const { table, columns, validFrom, validTo, zone, zones } = history
  if (table === into.table) return [`history is ${table}, which gets the newest versions already`]
  if (validFrom === null || validTo === null) return [`history ${table} needs validFrom and validTo`]
  if (zone !== null || Object.keys(zones ?? {}).length > 0)
    return [`history ${table} has local times (zone), and changes bring instants`]
  const ends = [validFrom, validTo].find((end) =>
    columns.some(({ name, type }) => name === end && type !== 'timestamp'),
  )
  if (ends !== undefined) return [`history ${table} has dates in '${ends}', and rows change at instants`]
  if (columns.some(({ name, nullable }) => name === validTo && !nullable))
    return [`history ${table} needs a '${validTo}' that may be null: the newest version has no end`]
  const marks = [format.deleted, format.committed]
  return [
    ...id.flatMap((name) =>
      columns.some((column) => column.name === name)
        ? []
        : [`history ${table} lacks '${name}', which is part of the id`],
    ),
    ...columns.flatMap(({ name, type }) => {
      const other = into.columns.find((column) => column.name === name)
      if (marks.includes(name)) return [`history ${table} has '${name}', which only the table of newest versions has`]
      if (other === undefined || sameType(type, other.type)) return []
      return [`'${name}' is ${typeText(type)} in ${table} and ${typeText(other.type)} in ${into.table}`]
    }),
  ]
}
