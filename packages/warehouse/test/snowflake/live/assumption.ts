import type { Warehouse } from '@martlet/warehouse'

/** Something about Snowflake that our code or its documentation takes for true, with the answer that shows it. */
export interface Assumption {
  /** A sentence; the test has it as its name. */
  readonly name: string
  /** From https://docs.snowflake.com/en/. */
  readonly page: string
  /** What an account answers, or the error, as `outcome` puts it. */
  readonly expected: unknown
  /**
   * What the double makes of the same statements: `agrees`; `refuses` them by name; or `differs`, since DuckDB does
   * otherwise and nothing of
   * ours depends on it. Each is asserted, so that a statement that is mistyped shows without an account.
   */
  readonly double: 'agrees' | 'refuses' | 'differs'
  readonly ask: (warehouse: Warehouse) => Promise<unknown>
}

/** What `ask` gives, or Snowflake's number of the error that it throws. */
export async function outcome({ ask }: Pick<Assumption, 'ask'>, warehouse: Warehouse): Promise<unknown> {
  try {
    return await ask(warehouse)
  } catch (error) {
    if (
      error instanceof Error &&
      'data' in error &&
      typeof error.data === 'object' &&
      error.data !== null &&
      'code' in error.data
    )
      return { error: error.data.code, message: error.message }
    throw error
  }
}
