import { BIGINT, BOOLEAN, DOUBLE, HUGEINT, SQLNULL, TIMESTAMP, VARCHAR, timestampValue } from '@duckdb/node-api'
import type { DuckDBPreparedStatement, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import { MartletError } from '../errors.ts'

/**
 * Binds JavaScript values. Whole numbers are BIGINT (not INTEGER, so that sums of parameters do not overflow at 2^31),
 * other numbers are DOUBLE, a Date is a TIMESTAMP in UTC.
 * @throws MartletError PARAMETER_INVALID when a value is not a SQL value
 */
export function bindParameters(statement: DuckDBPreparedStatement, parameters: readonly unknown[]): void {
  parameters.forEach((parameter, index) => {
    const [value, type] = typedValue(parameter, index + 1)
    statement.bindValue(index + 1, value, type)
  })
}

function typedValue(value: unknown, position: number): readonly [DuckDBValue, DuckDBType] {
  switch (typeof value) {
    case 'string':
      return [value, VARCHAR]
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? [BigInt(value), BIGINT] : [value, DOUBLE]
    case 'bigint':
      if (BigInt.asIntN(64, value) === value) return [value, BIGINT]
      if (BigInt.asIntN(128, value) === value) return [value, HUGEINT]
      throw unbindable(position, `the integer ${value} needs more than 128 bits`)
    case 'boolean':
      return [value, BOOLEAN]
    case 'object':
      if (value === null) return [null, SQLNULL]
      if (value instanceof Date) {
        if (Number.isNaN(value.getTime())) throw unbindable(position, 'it is an invalid Date')
        return [timestampValue(BigInt(value.getTime()) * 1000n), TIMESTAMP]
      }
      throw unbindable(position, `a ${value.constructor?.name ?? 'object'} is not a SQL value`)
    case 'undefined':
    case 'function':
    case 'symbol':
      break
  }
  throw unbindable(position, `${typeof value} is not a SQL value`)
}

function unbindable(position: number, why: string): MartletError {
  return new MartletError(
    'PARAMETER_INVALID',
    `Parameter ${position} cannot be bound: ${why}. Pass a string, number, bigint, boolean, Date or null.`,
    { data: { position } },
  )
}
