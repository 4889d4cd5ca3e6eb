import type { DecimalType } from '@martlet/warehouse'
import { z } from 'zod'
import { invalid } from '../invalid-definition.ts'

const decimals = z.registry<DecimalType>()

/**
 * A column of exact decimals: summed exactly inside the engine, read as a number.
 *
 * @example columns: { amount: decimal(12, 2).nonnegative() }
 */
export function decimal(precision: number, scale: number): z.ZodNumber {
  if (!Number.isInteger(precision) || precision < 1 || precision > 38) {
    throw invalid({}, `decimal(${precision}, ${scale}): the precision must be 1 to 38 digits`)
  }
  if (!Number.isInteger(scale) || scale < 0 || scale > precision) {
    throw invalid({}, `decimal(${precision}, ${scale}): the scale must be 0 to ${precision} digits`)
  }
  return z.number().register(decimals, { decimal: [precision, scale] })
}

/** The decimal type that `decimal` gave a number schema, also after `.nonnegative()` and its like. */
export function decimalOf(schema: z.core.$ZodNumber): DecimalType | undefined {
  return decimals.get(schema)
}
