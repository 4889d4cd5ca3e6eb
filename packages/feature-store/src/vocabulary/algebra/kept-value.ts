import type { ColumnType } from '@martlet/warehouse'
import type { KeptValue } from '../../plan/kept-value.ts'
import type { Value } from './value.ts'

/** A value in the form in which plans are stored. */
export function kept(value: Exclude<Value, null>): KeptValue
export function kept(value: Value): KeptValue | null
export function kept(value: Value): KeptValue | null {
  return typeof value === 'bigint' ? String(value) : value
}

/** What {@link kept} was given, for a value of a type. */
export function restored(value: KeptValue | null, type: ColumnType): Value {
  return typeof value === 'string' && type !== 'text' ? BigInt(value) : value
}
