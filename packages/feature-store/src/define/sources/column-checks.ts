import type { z } from 'zod'
import type { ColumnCheck } from '../../plan/source-plan.ts'
import { invalid, type Place } from '../invalid-definition.ts'

type Range = Extract<ColumnCheck, { kind: 'range' }>
type Length = Extract<ColumnCheck, { kind: 'length' }>

const supported =
  'supported are .min, .max, .positive, .nonnegative and their like on numbers, .min, .max, .length and .regex on strings'

/** Translates zod's checks on one column; ranges and lengths are merged to the tightest. */
export function columnChecks(checks: readonly z.core.$ZodCheckDef[], place: Place): readonly ColumnCheck[] {
  let range: Range | undefined
  let length: Length | undefined
  const others: ColumnCheck[] = []
  for (const given of checks) {
    const check = given as z.core.$ZodChecks['_zod']['def'] | z.core.$ZodCheckStringFormatDef
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- whatever zod adds is refused
    switch (check.check) {
      case 'greater_than':
        range = above(range, finite(check.value, place), check.inclusive)
        break
      case 'less_than':
        range = below(range, finite(check.value, place), check.inclusive)
        break
      case 'number_format':
        if (check.format !== 'float32' && check.format !== 'float64') others.push({ kind: 'integer' })
        if (check.format === 'int32') range = between(range, -2_147_483_648, 2_147_483_647)
        if (check.format === 'uint32') range = between(range, 0, 4_294_967_295)
        break
      case 'min_length':
        length = { ...length, kind: 'length', min: Math.max(check.minimum, length?.min ?? 0) }
        break
      case 'max_length':
        length = { ...length, kind: 'length', max: Math.min(check.maximum, length?.max ?? Infinity) }
        break
      case 'length_equals':
        length = { kind: 'length', min: check.length, max: check.length }
        break
      case 'string_format':
        others.push({ kind: 'pattern', pattern: portablePattern(check.pattern, check.format, place) })
        break
      default:
        throw invalid(place, `the zod check '${given.check}' cannot run inside the warehouse; ${supported}`)
    }
  }
  return [...(range === undefined ? [] : [range]), ...(length === undefined ? [] : [length]), ...others]
}

function finite(value: unknown, place: Place): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw invalid(place, `a bound of ${String(value)} cannot be checked inside the warehouse; bounds are finite numbers`)
}

function above(range: Range | undefined, min: number, inclusive: boolean): Range {
  const old = range?.min ?? -Infinity
  if (old > min || (old === min && (range?.exclusiveMin === true || inclusive))) return { ...range, kind: 'range' }
  const { exclusiveMin: _, ...rest } = range ?? {}
  return { ...rest, kind: 'range', min, ...(inclusive ? {} : { exclusiveMin: true }) }
}

function below(range: Range | undefined, max: number, inclusive: boolean): Range {
  const old = range?.max ?? Infinity
  if (old < max || (old === max && (range?.exclusiveMax === true || inclusive))) return { ...range, kind: 'range' }
  const { exclusiveMax: _, ...rest } = range ?? {}
  return { ...rest, kind: 'range', max, ...(inclusive ? {} : { exclusiveMax: true }) }
}

function between(range: Range | undefined, min: number, max: number): Range {
  return below(above(range, min, true), max, true)
}

function portablePattern(pattern: RegExp | undefined, format: string, place: Place): string {
  if (pattern === undefined) {
    throw invalid(place, `the string format '${format}' has no pattern to run inside the warehouse; use .regex(...)`)
  }
  const flags = pattern.flags.replace(/[uv]/g, '')
  if (flags !== '')
    throw invalid(place, `the pattern ${String(pattern)} has flags, which engines do not share; drop '${flags}'`)
  if (/\(\?<?[=!]|\\[1-9]|\\k</.test(pattern.source)) {
    throw invalid(
      place,
      `the pattern ${String(pattern)} looks around or back, which SQL engines cannot; write it without`,
    )
  }
  return pattern.source
}
