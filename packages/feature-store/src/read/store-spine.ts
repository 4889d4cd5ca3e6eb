import {
  dropTable,
  ensureSchema,
  splitTableName,
  sql,
  tableRef,
  unitOfWork,
  type RunOptions,
  type Warehouse,
} from '@martlet/warehouse'
import { SPINE_MICROS } from '../compile/keyed-spine.ts'
import { temporaryPrefix } from '../compile/temporary-tables.ts'
import { serviceKeys, serviceRequest, type ServicePlan } from '../plan/view-plan.ts'
import { checkSourceTables } from '../quality/source-tables.ts'
import { stageSpine, type Spine } from './spine.ts'
import { refuseNames } from './spines/bad-spine.ts'
import { isMade, spineSources } from './spines/made-spine.ts'

export interface StoredSpineOptions extends RunOptions {
  readonly warehouse: Warehouse
  readonly spine: Spine
  /** The spine's time column. */
  readonly time: string
  readonly zone?: string
  /** The service whose keys and values of requests the rows must have. */
  readonly service: ServicePlan
  /** The table that is made. */
  readonly into: string
  /** So many rows are a chunk; chunks follow each other in time. */
  readonly chunkRows: number
  /** Names that the caller gives columns of its own, in lower case. */
  readonly reserved?: readonly string[]
}

/** A spine that was checked and kept: a table with `spine_row`, `chunk` and its columns. */
export interface StoredSpine {
  readonly rows: number
  readonly chunks: number
  /** The spine's own columns. */
  readonly columns: readonly string[]
  readonly first: bigint
  readonly last: bigint
}

/** The columns of a stored spine beside its own. */
export const SPINE_ROW = 'spine_row'
export const SPINE_CHUNK = 'chunk__of'

/**
 * Checks a spine and keeps its rows in a table, in chunks that follow each other in time, so that they can be worked
 * through one after the other, also by another process.
 * @throws MartletError BAD_SPINE when the spine lacks rows, keys, times or columns, or has columns that it must not have
 */
export async function storeSpine(options: StoredSpineOptions): Promise<StoredSpine> {
  const { warehouse, spine, time, zone, service, into, chunkRows, signal } = options
  const run = signal === undefined ? {} : { signal }
  const reserved = [SPINE_CHUNK, ...(options.reserved ?? [])]
  return unitOfWork(warehouse, async (session) => {
    if (isMade(spine)) await checkSourceTables(session, spineSources(spine))
    const staged = `${temporaryPrefix()}_spine`
    const { columns, rows, first, last } = await stageSpine(session, spine, time, serviceKeys(service), staged, {
      ...run,
      request: serviceRequest(service),
      ...(zone === undefined ? {} : { zone }),
    })
    refuseNames(columns, reserved)
    await ensureSchema(session, splitTableName(into).slice(0, -1).join('.'))
    await dropTable(session, into)
    const place = sql`ROW_NUMBER() OVER (ORDER BY ${sql.id('s', SPINE_MICROS)}, s.spine_row) - 1`
    const own = columns.map((name) => sql.id('s', name))
    const chunk = session.leaves.floorDivide(sql`s.place`, chunkRows)
    const list = [sql`s.spine_row AS spine_row`, sql`${chunk} AS ${sql.id(SPINE_CHUNK)}`, ...own]
    await session.run(
      sql`
        CREATE TABLE ${tableRef(into)} AS
        SELECT ${sql.join(list)}
        FROM (SELECT s.*, ${place} AS place FROM ${sql.id(staged)} s) s
      `,
      run,
    )
    await session.run(sql`DROP TABLE ${sql.id(staged)}`)
    return { rows, chunks: Math.ceil(rows / chunkRows), columns, first, last }
  })
}
