import type { FeatureValue } from '@martlet/feature-store'
import { MartletError, nearestFloat32 } from '@martlet/warehouse'
import type { FieldBinding } from '../signature/signature.ts'
import { LARGEST_HALF, halfOf } from './half.ts'

/** One feature of one row, as an input of the model takes it. */
export interface FeatureCell {
  readonly value: FeatureValue
  readonly binding: FieldBinding
  readonly row: number
}

/** The element types of whole numbers. */
export type WholeElement = 'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'int64' | 'uint64'

const RANGES: Readonly<Record<WholeElement, readonly [least: bigint, most: bigint]>> = {
  int8: [-(2n ** 7n), 2n ** 7n - 1n],
  uint8: [0n, 2n ** 8n - 1n],
  int16: [-(2n ** 15n), 2n ** 15n - 1n],
  uint16: [0n, 2n ** 16n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
}

export function isWholeElement(element: string): element is WholeElement {
  return Object.hasOwn(RANGES, element)
}

/** The number of a float type that is nearest to the value. */
export function floatOf(element: 'float16' | 'float32' | 'float64', cell: FeatureCell): number {
  const { value, binding } = cell
  if (typeof value === 'number') return value
  if (value === null) return Number.NaN
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'bigint') return element === 'float32' ? nearestFloat32(value) : Number(value)
  // A decimal of more digits than a number has.
  if (typeof binding.type === 'object' && /^-?\d+(?:\.\d+)?$/.test(value)) return Number(value)
  throw invalid(cell, 'a number')
}

/** The bits of the half that is nearest to the value. A number beyond its range is refused: it would become infinite. */
export function halfBitsOf(cell: FeatureCell): number {
  const value = floatOf('float16', cell)
  const bits = halfOf(value)
  if ((bits & 0x7fff) === 0x7c00 && Number.isFinite(value))
    throw invalid(cell, `numbers from -${LARGEST_HALF} to ${LARGEST_HALF} (float16)`)
  return bits
}

/** A whole number that its element type can hold. */
export function wholeOf(element: WholeElement, cell: FeatureCell): bigint {
  const whole = exactly(cell)
  const [least, most] = RANGES[element]
  if (whole === undefined) throw invalid(cell, 'a whole number')
  if (whole < least || whole > most) throw invalid(cell, `whole numbers from ${least} to ${most} (${element})`)
  return whole
}

function exactly({ value, binding }: FeatureCell): bigint | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined
  if (value === null || typeof binding.type !== 'object') return undefined
  const digits = /^(-?\d+)(?:\.0+)?$/.exec(value)?.[1]
  return digits === undefined ? undefined : BigInt(digits)
}

export function textOf(cell: FeatureCell): string {
  if (typeof cell.value !== 'string') throw invalid(cell, 'text')
  if (cell.value.includes('\0')) throw invalid(cell, 'text without NUL characters (the runtime cuts text there)')
  return cell.value
}

export function bitOf(cell: FeatureCell): number {
  if (typeof cell.value === 'boolean') return cell.value ? 1 : 0
  throw invalid(cell, 'true or false')
}

function invalid({ value, binding, row }: FeatureCell, wanted: string): MartletError {
  const got = value === null ? 'missing' : typeof value === 'string' ? JSON.stringify(value) : String(value)
  return new MartletError(
    'FEATURE_VALUE_INVALID',
    `Feature ${JSON.stringify(binding.field)} of row ${row} is ${got}; input ${JSON.stringify(binding.input)} takes ${wanted}.`,
    { data: { feature: binding.field, row } },
  )
}
