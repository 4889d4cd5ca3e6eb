import { MartletError } from '../errors.ts'
import type { Session } from './session.ts'

/** What Snowflake itself answers a COMMIT with when it has not committed; the SDK's own numbers begin with 4. */
const REFUSED = /^0\d{5}$/

/**
 * Ends a transaction. When the answer to COMMIT is lost nobody knows whether it took place, and that is said: doing the work
 * again could do it twice.
 *
 * Errors: `COMMIT_UNKNOWN`; `TRANSACTION_CONFLICT` and `SQL_FAILED` when Snowflake refused, and nothing is committed.
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
      `It is not known whether Snowflake committed the transaction, for its answer is lost: ${why} Look at what is there before you do it again.`,
      { cause: error },
    )
  }
}
