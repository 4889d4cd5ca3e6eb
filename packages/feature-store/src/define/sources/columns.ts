import type { ColumnType } from '@martlet/warehouse'
import type { z } from 'zod'
import type { ColumnCheck, SourceColumn } from '../../plan/source-plan.ts'
import { columnChecks } from './column-checks.ts'
import { decimalOf } from './decimal.ts'
import { invalid, type Place } from '../invalid-definition.ts'
import { checkDistinct } from '../names.ts'

/** The columns of a table, each a zod schema: row type, SQL type and quality checks in one statement. */
export type Shape = Readonly<Record<string, z.core.$ZodType>>
export type Row = Readonly<Record<string, unknown>>
/** The row that has no columns. */
// oxlint-disable-next-line typescript/no-generated-empty-object-type -- meant: a calendar has no key columns
export type EmptyRow = Readonly<Record<never, never>>
/** The row type of a shape. */
export type RowOf<S extends Shape> = { readonly [K in keyof S]: S[K]['_zod']['output'] }

/** Column names of a row whose values, nulls aside, are of type V. */
export type ColumnOf<R, V> = { [K in keyof R]-?: NonNullable<R[K]> extends V ? K : never }[keyof R] & string

const supported =
  'supported are z.string, z.int, z.number, decimal, z.boolean, z.date, z.iso.date, z.enum and z.literal, with .nullable and .optional'

/** Reads the columns of a table out of their zod schemas. */
export function sourceColumns(shape: Shape, place: Place): readonly SourceColumn[] {
  if (typeof shape !== 'object' || shape === null) throw invalid(place, 'its columns must be an object of zod schemas')
  const names = Object.keys(shape)
  if (names.length === 0) throw invalid(place, 'it has no columns')
  checkDistinct(names, 'columns', place)
  const own = names.find((name) => /^key__\d+$/i.test(name))
  if (own !== undefined)
    throw invalid(
      { ...place, column: own },
      'Martlet calls keys so in its own SQL; rename the column, or read the table through a view',
    )
  return Object.entries(shape).map(([name, schema]) => {
    const at = { ...place, column: name }
    if (!isZod(schema)) throw invalid(at, `its schema is not one of zod 4; ${supported}`)
    return { name, ...sourceColumn(schema, at) }
  })
}

function isZod(schema: unknown): schema is z.core.$ZodType {
  return typeof schema === 'object' && schema !== null && '_zod' in schema
}

type Described = Omit<SourceColumn, 'name'>

function sourceColumn(schema: z.core.$ZodType, place: Place): Described {
  const { _zod } = schema as z.core.$ZodTypes
  const def = _zod.def
  if ('coerce' in def && def.coerce) {
    throw invalid(place, 'z.coerce converts values, which a warehouse column does not; write the plain type')
  }
  const own: readonly z.core.$ZodCheckDef[] = 'check' in def ? [def] : []
  const checks = [...own, ...(def.checks ?? []).map((check) => check._zod.def)]
  const column = (type: ColumnType, extra: readonly ColumnCheck[] = [], from = checks): Described => ({
    type,
    nullable: false,
    checks: [...extra, ...columnChecks(from, place)],
  })
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- whatever zod adds is refused
  switch (def.type) {
    case 'nullable':
    case 'optional':
      return { ...sourceColumn(def.innerType, place), nullable: true }
    case 'readonly':
      return sourceColumn(def.innerType, place)
    case 'string':
      return stringColumn(def, column, checks, place)
    case 'number':
      return column(decimalOf(schema as z.core.$ZodNumber) ?? numberType(checks))
    case 'boolean':
      return column('boolean')
    case 'date':
      return column('timestamp')
    case 'enum':
      return column('text', [{ kind: 'enum', values: texts(Object.values(def.entries), place) }])
    case 'literal':
      return literalColumn(def.values, column, place)
    default:
      throw invalid(place, `zod's '${def.type}' has no column type; ${supported}`)
  }
}

type MakeColumn = (type: ColumnType, extra?: readonly ColumnCheck[], from?: z.core.$ZodCheckDef[]) => Described

function stringColumn(
  def: z.core.$ZodStringDef,
  column: MakeColumn,
  checks: z.core.$ZodCheckDef[],
  place: Place,
): Described {
  const format = 'format' in def ? def.format : undefined
  if (format === 'date') return column('date', [], checks.slice(1))
  if (format === 'datetime' || format === 'time' || format === 'duration') {
    throw invalid(
      place,
      `an ISO ${format} as text is not supported; use z.date() for instants and z.iso.date() for dates`,
    )
  }
  return column('text')
}

function numberType(checks: readonly z.core.$ZodCheckDef[]): ColumnType {
  const formats = checks.flatMap((check) => ('format' in check ? [check.format] : []))
  if (formats.includes('int32')) return 'integer'
  return formats.some((format) => format === 'safeint' || format === 'uint32') ? 'bigint' : 'double'
}

function literalColumn(values: readonly unknown[], column: MakeColumn, place: Place): Described {
  const present = values.filter((value) => value !== null && value !== undefined)
  const nullable = present.length < values.length
  const first = present[0]
  if (typeof first === 'string')
    return { ...column('text', [{ kind: 'enum', values: texts(present, place) }]), nullable }
  if (typeof first === 'boolean' && present.every((value) => typeof value === 'boolean'))
    return { ...column('boolean'), nullable }
  const numbers = present.filter((value) => typeof value === 'number')
  if (numbers.length !== 1 || present.length !== 1)
    throw invalid(place, 'a literal column is of texts, of booleans, or one number')
  const [value] = numbers
  if (value === undefined) throw invalid(place, 'a literal column needs a value')
  const type = Number.isSafeInteger(value) ? 'bigint' : 'double'
  return { ...column(type, [{ kind: 'range', min: value, max: value }]), nullable }
}

function texts(values: readonly unknown[], place: Place): readonly string[] {
  return values.map((value) => {
    if (typeof value === 'string') return value
    throw invalid(place, `its values must all be texts, and ${String(value)} is not`)
  })
}
