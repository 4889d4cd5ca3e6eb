import { isWideDecimal, type ColumnType } from '@martlet/warehouse'
import { decimalKey } from '../online/decimal-key.ts'
import type { KeyValue } from '../online/key-value.ts'
import { storedKey } from '../online/stored-key.ts'
import type { RequestColumn } from '../plan/on-demand-plan.ts'
import type { ColumnCheck } from '../plan/source-plan.ts'
import { doubleOf, type Value } from '../vocabulary/algebra/value.ts'

/**
 * What a caller may give for a value of a request: what a key column of its type takes, and null or nothing where it
 * may be missing. A number that is not finite counts as null.
 */
export type RequestValue = KeyValue | null | undefined

/** What was expected instead of the value that was given, such as `a number of at least 0`. */
export interface ExpectedValue {
  readonly expected: string
}

export function isExpectedValue(value: Value | ExpectedValue): value is ExpectedValue {
  return typeof value === 'object' && value !== null
}

/** Compiles the check of one value: it returns the value to be calculated with, or what was expected. */
export function valueReader({ type, nullable, checks }: RequestColumn): (given: unknown) => Value | ExpectedValue {
  const tests = checks.map((check) => ({ fails: violation(check, type), expected: checkText(check) }))
  const missing: Value | ExpectedValue = nullable ? null : { expected: describeType(type) }
  return (given) => {
    if (given === undefined || given === null || isNotFinite(given)) return missing
    const value = read(type, given)
    if (value === undefined) return { expected: describeType(type) }
    const failed = tests.find(({ fails }) => fails(value))
    return failed === undefined ? value : { expected: failed.expected }
  }
}

function isNotFinite(given: unknown): boolean {
  return typeof given === 'number' && !Number.isFinite(given)
}

const DAY = 86_400_000_000n
/** The years 1 to 9999 (µs), which are those that a warehouse's times are read in. */
const OLDEST = -62_135_596_800_000_000n
const NEWEST = 253_402_300_800_000_000n

function read(type: ColumnType, given: unknown): Value | undefined {
  if (typeof type === 'object') return decimalKey(type, given)
  const stored = storedKey(type, given)
  if (type === 'timestamp' || type === 'date') {
    const micros = typeof stored === 'bigint' && type === 'date' ? stored * DAY : stored
    return typeof micros === 'bigint' && micros >= OLDEST && micros < NEWEST ? micros : undefined
  }
  return typeof stored === 'number' && type !== 'double' ? BigInt(stored) : stored
}

export function violation(check: ColumnCheck, type: ColumnType): (value: Value) => boolean {
  switch (check.kind) {
    case 'range': {
      const { min = -Infinity, max = Infinity, exclusiveMin, exclusiveMax } = check
      return (value) => {
        const number = doubleOf(value, type)
        if (typeof number !== 'number') return false
        const inside =
          (exclusiveMin === true ? number > min : number >= min) &&
          (exclusiveMax === true ? number < max : number <= max)
        return !inside
      }
    }
    case 'enum':
      return (value) => typeof value === 'string' && !check.values.includes(value)
    case 'integer':
      return (value) => typeof value === 'number' && !Number.isInteger(value)
    case 'length': {
      const { min = 0, max = Infinity } = check
      return (value) => {
        if (typeof value !== 'string') return false
        const { length } = [...value]
        return length < min || length > max
      }
    }
    case 'pattern': {
      const pattern = new RegExp(check.pattern)
      return (value) => typeof value === 'string' && !pattern.test(value)
    }
  }
}

export function checkText(check: ColumnCheck): string {
  switch (check.kind) {
    case 'range': {
      const { min, max, exclusiveMin, exclusiveMax } = check
      const bounds = [
        ...(min === undefined ? [] : [`${exclusiveMin === true ? 'above' : 'of at least'} ${min}`]),
        ...(max === undefined ? [] : [`${exclusiveMax === true ? 'below' : 'of at most'} ${max}`]),
      ]
      return `a number ${bounds.join(' and ')}`
    }
    case 'enum':
      return `one of ${check.values.join(', ')}`
    case 'integer':
      return 'a whole number'
    case 'length': {
      const bounds = [
        ...(check.min === undefined ? [] : [`at least ${check.min}`]),
        ...(check.max === undefined ? [] : [`at most ${check.max}`]),
      ]
      return `a text of ${bounds.join(' and ')} characters`
    }
    case 'pattern':
      return `a text that matches ${check.pattern}`
  }
}

export function describeType(type: ColumnType): string {
  if (typeof type === 'object') {
    const [precision, scale] = type.decimal
    const beyond = isWideDecimal(type) ? ' (beyond 2^53 as text)' : ''
    return `a decimal of ${precision} digits, ${scale} of them after the point${beyond}`
  }
  switch (type) {
    case 'text':
      return 'well-formed text'
    case 'integer':
      return 'a whole number of 32 bits'
    case 'bigint':
      return 'a whole number of 64 bits'
    case 'double':
      return 'a number'
    case 'boolean':
      return 'true or false'
    case 'timestamp':
      return 'an instant such as 2026-01-31T09:30:00Z'
    case 'date':
      return 'a date such as 2026-01-31'
  }
}
