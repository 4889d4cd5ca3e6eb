import type { Severity } from './options.ts'

/** A check that follows from how a table or a view is declared. */
export type OwnCheckName =
  | 'missing'
  | 'null'
  | 'finite'
  | 'instant'
  | 'range'
  | 'enum'
  | 'integer'
  | 'length'
  | 'pattern'
  | 'duplicates'
  | 'interval'
  | 'overlaps'
  | 'future'
  | 'freshness'
  | 'volume'
  | 'gaps'
  | 'silent'
  | 'changed'
  | 'fits'
  | 'resets'

/** What a check is called: one of our own, or one that a source declares by that name. */
// oxlint-disable-next-line typescript/ban-types -- any text, which lets editors still suggest our own
export type CheckName = OwnCheckName | (string & {})

/** What one check found on one table or column. */
export interface CheckResult {
  readonly view: string
  readonly table: string
  /** Null for checks of whole rows. */
  readonly column: string | null
  readonly check: CheckName
  /** What kind of rule a source declares by that name, such as `unique`; absent for checks of our own. */
  readonly declared?: string
  readonly severity: Severity
  /** Rows that fail (for `gaps`: missing steps, for `silent` and `changed`: entities); 0 means passed. */
  readonly count: number
  /** Rows, steps or entities looked at. */
  readonly total: number
  /** One value that fails, as text; null when it passed or values are redacted. */
  readonly example: string | null
  /** In words: what is wrong. */
  readonly message: string
  /** SQL that shows failing rows. */
  readonly query: string
  /** Which rows were looked at. */
  readonly scanned: string
}

export interface QualityReport {
  /** Every check that ran. */
  readonly results: readonly CheckResult[]
  /** How options name the checks of this view, those that are off too. */
  readonly known: readonly string[]
  /** Checks that failed, errors first. */
  readonly findings: readonly CheckResult[]
  /** What was read, a line a table. */
  readonly scanned: readonly string[]
  readonly seconds: number
}

export const defaultSeverity: Readonly<Record<OwnCheckName, Severity>> = {
  missing: 'error',
  null: 'error',
  range: 'error',
  enum: 'error',
  integer: 'error',
  length: 'error',
  pattern: 'error',
  interval: 'warn',
  overlaps: 'warn',
  finite: 'warn',
  instant: 'warn',
  duplicates: 'warn',
  future: 'warn',
  freshness: 'warn',
  volume: 'warn',
  gaps: 'warn',
  silent: 'warn',
  changed: 'warn',
  fits: 'warn',
  resets: 'warn',
}

/** `table.column.check` or `table.check`: how options name a check. */
export function checkKey(check: {
  readonly table: string
  readonly column: string | null
  readonly check: CheckName
}): string {
  return check.column === null ? `${check.table}.${check.check}` : `${check.table}.${check.column}.${check.check}`
}

/** What a check of our own does when it fails, unless options say otherwise. */
export function ownSeverity(check: CheckName): Severity {
  return Object.hasOwn(defaultSeverity, check) ? defaultSeverity[check as OwnCheckName] : 'warn'
}

const units: Readonly<Partial<Record<CheckName, string>>> = { gaps: 'steps', silent: 'entities' }

/** One line about a finding. */
export function findingText(finding: CheckResult): string {
  const { severity, table, column, check, declared, message, count, total, example } = finding
  const where = declared === undefined ? (column === null ? table : `${table}.${column}`) : `${table}.${check}`
  const share =
    count > 0 && total > 0 && declared !== 'aggregate' ? ` in ${count} of ${total} ${units[check] ?? 'rows'}` : ''
  return `${severity} ${where}: ${message}${share}${example === null ? '' : `, for example ${example}`}`
}
