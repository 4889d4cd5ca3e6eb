import { sql, typeText, type ColumnType, type Leaves, type Sql } from '@martlet/warehouse'
import type { CheckPlan } from '../plan/check-plan.ts'
import type { ColumnCheck, SourceColumn, SourcePlan } from '../plan/source-plan.ts'
import { isNumber } from '../plan/column-family.ts'
import { eventsOf, sourceKind } from '../vocabulary/sources/list.ts'
import { sourceColumn } from '../vocabulary/sources/scan.ts'
import { computedChecks } from './computed-checks.ts'
import type { CheckName } from './finding.ts'

/** A check that looks at one row at a time. */
export interface RowCheck {
  readonly column: string | null
  readonly check: CheckName
  readonly message: string
  /** True for a row that fails, over the columns of `rawRows`. */
  readonly bad: Sql
  /** The value to show, as text. */
  readonly example: Sql
  /** The check that the source declares, of which this is one; its examples are whole rows. */
  readonly declared?: CheckPlan
}

/**
 * The checks that follow from a table's declared columns; nulls in `always` (keys and times) are looked for
 * elsewhere.
 */
export function rowChecks(
  leaves: Leaves,
  source: SourcePlan,
  present: ReadonlySet<string>,
  always: ReadonlySet<string>,
): readonly RowCheck[] {
  const columns = source.columns.filter(({ name }) => present.has(name))
  const checks = columns.flatMap((column) => columnChecks(leaves, column, !always.has(column.name)))
  return [
    ...checks,
    ...computedChecks(leaves, source, present),
    ...intervalCheck(source, present),
    ...endCheck(source, present),
  ]
}

/**
 * The value as it is in the table, typed but not yet cleaned: `name` typed, `name#` as a double, `name~` finite; of
 * times `name` as it is read, `name@` as it is.
 */
export function rawColumn(leaves: Leaves, source: SourcePlan, column: SourceColumn): readonly Sql[] {
  const name = sql.id(column.name)
  if (isNumber(column.type))
    return [
      sql`${leaves.toDouble(name)} AS ${sql.id(`${column.name}#`)}`,
      sql`${leaves.finite(name)} AS ${sql.id(`${column.name}~`)}`,
      sql`${name} AS ${name}`,
    ]
  const read = sql`${sourceColumn(leaves, source, column)} AS ${name}`
  return isTime(column.type) ? [read, sql`${name} AS ${sql.id(`${column.name}@`)}`] : [read]
}

function columnChecks(leaves: Leaves, column: SourceColumn, nulls: boolean): readonly RowCheck[] {
  const { name, type, nullable } = column
  const value = sql.id('s', name)
  const example = text(value)
  const given = isTime(type) ? sql.id('s', `${name}@`) : value
  const checks: RowCheck[] = []
  if (nulls && !nullable)
    checks.push({
      column: name,
      check: 'null',
      message: 'is null, though declared not to be',
      bad: sql`${given} IS NULL`,
      example: sql`NULL`,
    })
  if (isTime(type))
    checks.push({
      column: name,
      check: 'instant',
      message: 'lies outside the years 1 to 9999, and is read as missing',
      bad: sql`${given} IS NOT NULL AND ${value} IS NULL`,
      example: text(given),
    })
  if (type === 'bigint' || typeof type === 'object')
    checks.push({
      column: name,
      check: 'fits',
      message: `does not fit ${typeText(type)}, and is read as missing`,
      bad: sql`${value} IS NOT NULL AND ${leaves.tryCast(value, type)} IS NULL`,
      example,
    })
  if (type === 'double') {
    const bad = sql`${sql.id('s', `${name}#`)} IS NOT NULL AND ${sql.id('s', `${name}~`)} IS NULL`
    checks.push({
      column: name,
      check: 'finite',
      message: 'is not a finite number, and is skipped by every aggregate',
      bad,
      example,
    })
  }
  if (!nulls && type === 'double') {
    const message = 'is beyond 2^53, where a key of type double stands for several: declare it z.int() or decimal(…)'
    checks.push({
      column: name,
      check: 'range',
      message,
      bad: sql`ABS(${sql.id('s', `${name}~`)}) > 9007199254740991`,
      example,
    })
  }
  for (const check of column.checks)
    checks.push({
      column: name,
      check: check.kind,
      message: checkMessage(check),
      bad: violation(leaves, column, check),
      example,
    })
  return checks
}

function violation(leaves: Leaves, { name, type }: SourceColumn, check: ColumnCheck): Sql {
  const value = sql.id('s', name)
  const number = isNumber(type) ? sql.id('s', `${name}~`) : value
  switch (check.kind) {
    case 'range': {
      const below =
        check.min === undefined
          ? []
          : [sql`${number} ${sql.raw(check.exclusiveMin === true ? '<=' : '<')} ${sql.lit(check.min)}`]
      const above =
        check.max === undefined
          ? []
          : [sql`${number} ${sql.raw(check.exclusiveMax === true ? '>=' : '>')} ${sql.lit(check.max)}`]
      return sql.join([...below, ...above], sql` OR `)
    }
    case 'enum':
      return sql`${value} NOT IN (${sql.join(check.values.map((allowed) => sql.lit(allowed)))})`
    case 'integer':
      return sql`${number} <> FLOOR(${number})`
    case 'length': {
      const length = leaves.textLength(value)
      const short = check.min === undefined ? [] : [sql`${length} < ${sql.lit(check.min)}`]
      const long = check.max === undefined ? [] : [sql`${length} > ${sql.lit(check.max)}`]
      return sql.join([...short, ...long], sql` OR `)
    }
    case 'pattern':
      return sql`NOT ${leaves.matches(value, check.pattern)}`
  }
}

function checkMessage(check: ColumnCheck): string {
  switch (check.kind) {
    case 'range': {
      const low = check.min === undefined ? '' : `${check.exclusiveMin === true ? 'above' : 'at least'} ${check.min}`
      const high = check.max === undefined ? '' : `${check.exclusiveMax === true ? 'below' : 'at most'} ${check.max}`
      return `is not ${[low, high].filter((part) => part !== '').join(' and ')}`
    }
    case 'enum':
      return `is none of ${check.values.slice(0, 6).join(', ')}${check.values.length > 6 ? ' …' : ''}`
    case 'integer':
      return 'is not a whole number'
    case 'length': {
      const least = check.min === undefined ? [] : [`at least ${check.min}`]
      const most = check.max === undefined ? [] : [`at most ${check.max}`]
      return `is not ${[...least, ...most].join(' and ')} characters long`
    }
    case 'pattern':
      return `does not match /${check.pattern}/`
  }
}

function intervalCheck(source: SourcePlan, present: ReadonlySet<string>): readonly RowCheck[] {
  const { validFrom, validTo } = sourceKind(source).interval?.(source) ?? { validFrom: null, validTo: null }
  if (validFrom === null || validTo === null || !present.has(validFrom) || !present.has(validTo)) return []
  const [from, to] = [sql.id('s', validFrom), sql.id('s', validTo)]
  return [
    {
      column: null,
      check: 'interval',
      message: `ends (${validTo}) before or when it begins (${validFrom}), so it never counts`,
      bad: sql`${to} <= ${from}`,
      example: sql`${text(from)} || ' – ' || ${text(to)}`,
    },
  ]
}

function endCheck(source: SourcePlan, present: ReadonlySet<string>): readonly RowCheck[] {
  const { eventTime, end } = eventsOf(source) ?? {}
  if (eventTime === undefined || end === undefined || !present.has(eventTime) || !present.has(end)) return []
  const [from, to] = [sql.id('s', eventTime), sql.id('s', end)]
  return [
    {
      column: null,
      check: 'interval',
      message: `ends (${end}) before it begins (${eventTime}), so it counts for nothing`,
      bad: sql`${to} < ${from}`,
      example: sql`${text(from)} || ' – ' || ${text(to)}`,
    },
  ]
}

export function text(value: Sql): Sql {
  return sql`CAST(${value} AS VARCHAR)`
}

function isTime(type: ColumnType): boolean {
  return type === 'timestamp' || type === 'date'
}
