import { ResultReturnType } from '@duckdb/node-api'
import { CompiledQuery } from 'kysely'
import type {
  AbortableOperationOptions,
  DatabaseConnection,
  Driver,
  QueryCompiler,
  QueryResult,
  TransactionSettings,
} from 'kysely'
import { rowsOf } from '../rows.ts'
import { MartletError } from '../errors.ts'
import { readBatch, streamBatches } from './read.ts'
import type { Session } from './session.ts'

/** Where Kysely's connections come from: a pool, or the one session of a transaction. */
export interface SessionSource {
  acquire(): Promise<Session>
  release(session: Session, discard?: boolean): void
  /** Every connection is the same session, on which a transaction is open already. */
  readonly inTransaction: boolean
}

export class DuckDbDriver implements Driver {
  readonly #sessions: SessionSource

  constructor(sessions: SessionSource) {
    this.#sessions = sessions
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DuckDbConnection> {
    return new DuckDbConnection(await this.#sessions.acquire())
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    if (this.#sessions.inTransaction) {
      throw new MartletError(
        'TRANSACTION_NESTED',
        'This connection is already inside a transaction. Use its db directly.',
      )
    }
    if (settings.isolationLevel !== undefined && settings.isolationLevel !== 'snapshot') {
      throw new MartletError(
        'TRANSACTION_SETTINGS',
        `DuckDB transactions are snapshots; isolation level "${settings.isolationLevel}" is not available. Leave it out.`,
      )
    }
    await connection.executeQuery(
      CompiledQuery.raw(settings.accessMode === 'read only' ? 'BEGIN TRANSACTION READ ONLY' : 'BEGIN TRANSACTION'),
    )
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('COMMIT'))
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('ROLLBACK'))
  }

  async savepoint(
    _connection: DatabaseConnection,
    _name: string,
    _compile: QueryCompiler['compileQuery'],
  ): Promise<void> {
    throw new MartletError('SAVEPOINT_UNSUPPORTED', 'DuckDB has no savepoints. Use one transaction per unit of work.')
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    if (connection instanceof DuckDbConnection) this.#sessions.release(connection.session)
  }

  // The sessions belong to the warehouse, which closes them.
  async destroy(): Promise<void> {}
}

export class DuckDbConnection implements DatabaseConnection {
  readonly session: Session

  constructor(session: Session) {
    this.session = session
  }

  async executeQuery<R>(query: CompiledQuery, options: AbortableOperationOptions = {}): Promise<QueryResult<R>> {
    const result = await this.session.run(query, signalOf(options))
    if (result.returnType === ResultReturnType.CHANGED_ROWS)
      return { rows: [], numAffectedRows: BigInt(result.rowsChanged) }
    if (result.returnType !== ResultReturnType.QUERY_RESULT) return { rows: [] }
    return { rows: rowsOf<R>(await readBatch(result)) }
  }

  async *streamQuery<R>(
    query: CompiledQuery,
    chunkSize: number,
    options: AbortableOperationOptions = {},
  ): AsyncIterableIterator<QueryResult<R>> {
    for await (const batch of streamBatches(this.session, query, { ...signalOf(options), batchRows: chunkSize })) {
      yield { rows: rowsOf<R>(batch) }
    }
  }

  async cancelQuery(): Promise<void> {
    this.session.connection.interrupt()
  }
}

function signalOf(options: AbortableOperationOptions): { readonly signal?: AbortSignal } {
  return options.signal === undefined ? {} : { signal: options.signal }
}
