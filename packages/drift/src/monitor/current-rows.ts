import {
  dropTable,
  loadFile,
  MartletError,
  sql,
  tableRef,
  temporaryTableName,
  type Sql,
  type Warehouse,
} from '@martlet/warehouse'
import { numbersOf } from '../count/numbers-of.ts'
import type { ReferenceProfile } from '../profile/reference-profile.ts'
import type { RowKind } from '../profile/row-kind.ts'
import { fromRelation, type Relation } from '../count/relation.ts'
import { columnNamed } from '../count/spelling.ts'
import { withoutCopies } from '../predictions/log-files.ts'
import type { RejectedLines } from '../predictions/rejected-lines.ts'
import { loadLog } from './load-log.ts'

interface RowsOptions {
  /** The column that sorts rows into windows. @default `feature_time` for a feature table, `time` for a log, else none */
  readonly time?: string
  /** Columns that say which entity a row is about, because rows of one entity are alike. @default those of the profile, if all are there */
  readonly entity?: readonly string[]
  /** The column by which rows count, see `weight` of `profileReference`. @default that of the profile */
  readonly weight?: string
  /** Columns that are not features and need not be in the profile: keys, ids. */
  readonly ignore?: readonly string[]
  /** What the rows are. @default `table` for a relation, `featureRows` for a feature table, `predictions` for a log */
  readonly rowKind?: RowKind
}

/** Where the current rows are. */
export type CurrentRows = RowsOptions &
  (
    | /** A table, view or query whose columns are named as in the profile. */ { readonly relation: Relation }
    | /** A materialized feature view: its columns are read as `view__feature`. */ {
        readonly featureTable: string
        readonly view: string
      }
    | /** Files of the serving log: JSON lines (also compressed, `.gz`), each content once, or Parquet. */ {
        readonly log: readonly string[]
      }
  )

export interface ResolvedRows {
  readonly relation: Relation
  readonly time: string | null
  readonly rowKind: RowKind
  /** Undefined: those of the profile, if they are there. */
  readonly entity: readonly string[] | undefined
  /** The column by which rows count; undefined: each counts as one. */
  readonly weight: string | undefined
  /** Columns that are not features and need not be in the profile. */
  readonly ignored: readonly string[]
  /** The part of the profile that these rows can have. */
  readonly profile: ReferenceProfile
  /** Lines of a log that could not be read. */
  readonly rejected?: RejectedLines
  /** Whether the relation still exists after the run. */
  readonly lasting: boolean
}

/**
 * Runs `work` on the named rows as one relation.
 *
 * @throws MartletError PROFILE_VIEW_UNKNOWN when the profile has no column of the view
 * @throws MartletError TABLE_NOT_FOUND when the feature table does not exist
 */
export async function withCurrentRows<T>(
  warehouse: Warehouse,
  current: CurrentRows,
  profile: ReferenceProfile,
  work: (warehouse: Warehouse, rows: ResolvedRows) => Promise<T>,
): Promise<T> {
  const weight = current.weight ?? profile.weight?.column
  const ignored = [...(current.ignore ?? []), ...(weight === undefined ? [] : [weight])]
  if ('relation' in current) {
    const time = current.time ?? null
    return work(warehouse, {
      relation: current.relation,
      time,
      rowKind: current.rowKind ?? 'table',
      entity: current.entity,
      weight,
      ignored: [...ignored, ...(current.entity ?? profile.dependence?.entity ?? []), ...(time === null ? [] : [time])],
      profile,
      lasting: true,
    })
  }
  if ('featureTable' in current)
    return work(warehouse, await featureRows(warehouse, { ...current, ignore: ignored }, profile, weight))
  return warehouse.session(async (session) => {
    const table = temporaryTableName('drift_log')
    const time = current.time ?? 'time'
    const keys = current.entity ?? profile.dependence?.entity ?? []
    try {
      const parquet = current.log.filter((file) => file.endsWith('.parquet'))
      for (const [index, path] of parquet.entries())
        await loadFile(session, { table, path, mode: index === 0 ? 'create' : 'append', temporary: true })
      if (parquet.length > 0) await dropShadow(session, table)
      const lines = await withoutCopies(current.log.filter((file) => !file.endsWith('.parquet')))
      const rejected =
        lines.length > 0 || parquet.length === 0 ? await loadLog(session, lines, profile, time, table, keys) : undefined
      return await work(session, {
        relation: table,
        ...(rejected === undefined ? {} : { rejected }),
        time,
        rowKind: current.rowKind ?? 'predictions',
        entity: current.entity,
        weight,
        ignored: [...keys, ...ignored, time, ...(parquet.length > 0 ? LOG_COLUMNS : [])],
        profile,
        lasting: false,
      })
    } finally {
      await dropTable(session, table)
    }
  })
}

/** Columns of a log that are not features. */
const LOG_COLUMNS = [
  'requestId',
  'request_id',
  'traceId',
  'model',
  'version',
  'sha256',
  'service',
  'rollout',
  'role',
  'row',
  'prediction',
]

/** What a roll-out's candidate predicted in shadow was never answered. */
async function dropShadow(warehouse: Warehouse, table: string): Promise<void> {
  const role = columnNamed((await warehouse.introspect(table)) ?? [], 'role')
  if (role?.type !== 'text') return
  await warehouse.run(sql`DELETE FROM ${tableRef(table)} WHERE ${sql.id(role.name)} = ${'shadow'}`)
}

async function featureRows(
  warehouse: Warehouse,
  current: RowsOptions & { readonly featureTable: string; readonly view: string },
  profile: ReferenceProfile,
  weight: string | undefined,
): Promise<ResolvedRows> {
  const prefix = `${current.view}__`
  const own = profile.columns.filter(({ name }) => name.startsWith(prefix))
  if (own.length === 0) {
    throw new MartletError(
      'PROFILE_VIEW_UNKNOWN',
      `Profile ${profile.name} has no column of view ${current.view}: none begins with ${prefix}. Profile rows with that view.`,
      {
        data: { profile: profile.name, view: current.view },
      },
    )
  }
  const table = await warehouse.introspect(current.featureTable)
  if (table === undefined) {
    throw new MartletError(
      'TABLE_NOT_FOUND',
      `There is no feature table ${current.featureTable}. Materialize view ${current.view} first.`,
      { data: { table: current.featureTable } },
    )
  }
  const named = current.time ?? 'feature_time'
  const time = columnNamed(table, named)?.name ?? named
  const featureNamed = (name: string): readonly Sql[] => {
    const feature = name.startsWith(prefix) ? columnNamed(table, name.slice(prefix.length)) : undefined
    return feature === undefined ? [] : [sql`${sql.id(feature.name)} AS ${sql.id(name)}`]
  }
  const features = own.flatMap(({ name }) => featureNamed(name))
  const keys = (current.entity ?? profile.dependence?.entity ?? []).flatMap((name) => {
    const key = columnNamed(table, name)?.name
    return key === undefined || key === time ? [] : [sql.id(key)]
  })
  const plain = weight === undefined ? undefined : columnNamed(table, weight)?.name
  const isThere = weight === undefined || own.some(({ name }) => name === weight) || plain === time
  const weights = isThere ? [] : plain === undefined ? featureNamed(weight) : [sql.id(plain)]
  const selected = [sql.id(time), ...keys, ...features, ...weights]
  const relation = sql`SELECT ${sql.join(selected)} FROM ${tableRef(current.featureTable)}`
  return {
    relation,
    time,
    rowKind: current.rowKind ?? 'featureRows',
    entity: current.entity,
    weight,
    ignored: [...(current.ignore ?? []), ...(current.entity ?? profile.dependence?.entity ?? []), time],
    profile: {
      ...profile,
      columns: profile.columns.filter((column) => column.role === 'weight' || own.includes(column)),
    },
    lasting: true,
  }
}

/**
 * The time of the newest row that is not after `now`, because a row of the future does not make a table fresh; null when there
 * is no such row or no time column.
 */
export async function newestRow(
  warehouse: Warehouse,
  relation: Relation,
  time: string | null,
  now: Date,
): Promise<Date | null> {
  if (time === null) return null
  const { leaves } = warehouse
  const batch = await warehouse.read(
    sql`
      SELECT ${leaves.toDouble(leaves.epochMicros(sql`MAX(${sql.id(time)})`))} AS newest
      FROM ${fromRelation(relation)}
      WHERE ${sql.id(time)} <= ${leaves.timestamp(BigInt(now.getTime()) * 1000n)}
    `,
  )
  const [micros = Number.NaN] = batch.columns.flatMap(numbersOf)
  return Number.isNaN(micros) ? null : new Date(micros / 1000)
}
