import { CompiledQuery } from 'kysely'
import type {
  AbortableOperationOptions,
  DatabaseConnection,
  Driver,
  QueryCompiler,
  QueryResult,
  TransactionSettings,
} from 'kysely'
import { MartletError } from '../errors.ts'
import { rowsOf } from '../rows.ts'
import { commit } from './transaction.ts'
import type { Session } from './session.ts'

/** Where Kysely's connections come from: a pool, or the one session of a transaction. */
export interface SessionSource {
  acquire(): Promise<Session>
  release(session: Session, discard?: boolean): void
  /** Every connection is the same session, on which a transaction is open already. */
  readonly inTransaction: boolean
}

export class SnowflakeDriver implements Driver {
  readonly #sessions: SessionSource

  constructor(sessions: SessionSource) {
    this.#sessions = sessions
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<SnowflakeConnection> {
    return new SnowflakeConnection(await this.#sessions.acquire())
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    if (this.#sessions.inTransaction) {
      throw new MartletError(
        'TRANSACTION_NESTED',
        'This connection is already inside a transaction. Use its db directly.',
      )
    }
    if (
      (settings.isolationLevel !== undefined && settings.isolationLevel !== 'read committed') ||
      settings.accessMode === 'read only'
    ) {
      throw new MartletError(
        'TRANSACTION_SETTINGS',
        'Snowflake transactions are READ COMMITTED and may write. Leave other settings out.',
      )
    }
    await connection.executeQuery(CompiledQuery.raw('BEGIN'))
    if (connection instanceof SnowflakeConnection) connection.session.inTransaction = true
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    if (connection instanceof SnowflakeConnection) await commit(connection.session)
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('ROLLBACK'))
    if (connection instanceof SnowflakeConnection) connection.session.inTransaction = false
  }

  async savepoint(
    _connection: DatabaseConnection,
    _name: string,
    _compile: QueryCompiler['compileQuery'],
  ): Promise<void> {
    throw new MartletError(
      'SAVEPOINT_UNSUPPORTED',
      'Snowflake has no savepoints. Use one transaction per unit of work.',
    )
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    // A session whose COMMIT or ROLLBACK failed still holds its transaction.
    if (connection instanceof SnowflakeConnection)
      this.#sessions.release(connection.session, connection.session.inTransaction)
  }

  // The sessions belong to the warehouse, which closes them.
  async destroy(): Promise<void> {}
}

export class SnowflakeConnection implements DatabaseConnection {
  readonly session: Session

  constructor(session: Session) {
    this.session = session
  }

  async executeQuery<R>(query: CompiledQuery, options: AbortableOperationOptions = {}): Promise<QueryResult<R>> {
    const { batch, changed } = await this.session.read(query, signalOf(options))
    return changed === undefined ? { rows: rowsOf<R>(batch) } : { rows: [], numAffectedRows: BigInt(changed) }
  }

  async *streamQuery<R>(
    query: CompiledQuery,
    chunkSize: number,
    options: AbortableOperationOptions = {},
  ): AsyncIterableIterator<QueryResult<R>> {
    for await (const batch of this.session.stream(query, { ...signalOf(options), batchRows: chunkSize }))
      yield { rows: rowsOf<R>(batch) }
  }
}

function signalOf(options: AbortableOperationOptions): { readonly signal?: AbortSignal } {
  return options.signal === undefined ? {} : { signal: options.signal }
}
