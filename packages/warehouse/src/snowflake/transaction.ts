import { MartletError } from '../errors.ts'
import type { Session } from './session.ts'

/** Snowflake's own codes when it has not committed; the SDK's begin with 4. */
const REFUSED = /^0\d{5}$/

/**
 * Ends a transaction.
 * @throws MartletError COMMIT_UNKNOWN when the answer is lost, and running the work again could do it twice
 * @throws MartletError TRANSACTION_CONFLICT, SQL_FAILED when Snowflake refused, and nothing is committed
 */
export async function commit(session: Session): Promise<void> {
  try {
    await session.run({ sql: 'COMMIT', parameters: [] })
    session.inTransaction = false
  } catch (error) {
    if (
      error instanceof MartletError &&
      (error.code === 'TRANSACTION_CONFLICT' ||
        (error.code === 'SQL_FAILED' && REFUSED.test(String(error.data['code']))))
    )
      throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new MartletError(
      'COMMIT_UNKNOWN',
      `It is not known whether Snowflake committed the transaction, because its answer was lost: ${why} ` +
        'Check what is there before you do it again.',
      { cause: error },
    )
  }
}

/** Runs `work` between BEGIN and COMMIT on a session; any error rolls back. */
export async function inTransaction<T>(session: Session, work: () => Promise<T>): Promise<T> {
  await session.run({ sql: 'BEGIN', parameters: [] })
  session.inTransaction = true
  try {
    const value = await work()
    await commit(session)
    return value
  } catch (error) {
    // When this fails too, the session stays marked and is logged out, which rolls back.
    session.inTransaction = await session.run({ sql: 'ROLLBACK', parameters: [] }).then(
      () => false,
      () => true,
    )
    throw error
  }
}
