import type { CheckPlan, CheckSeverity } from '../../plan/check-plan.ts'
import type { TypedExpression } from '../../plan/expression.ts'
import type { SourceColumn } from '../../plan/source-plan.ts'
import type { Check, CheckedTable } from '../../vocabulary/checks/check-kind.ts'
import { checkKinds, type CheckWords } from '../../vocabulary/checks/list.ts'
import { reservedCheckNames, type ReservedCheckName } from '../../vocabulary/checks/reserved-names.ts'
import { checkEventExpression } from '../expressions/event-row.ts'
import { expressionRow } from '../expressions/expression-row.ts'
import { isValued } from '../expressions/operand.ts'
import { evaluate, invalid, type Place } from '../invalid-definition.ts'
import { checkDistinct, checkName } from '../names.ts'
import { columnNamed } from './source.ts'

/** Checks by name. */
export type CheckMap = Readonly<Record<string, Check>>

/** A sentence in the place of a check with the name of one that tables have already. */
type ReservedNames = {
  readonly [N in ReservedCheckName]?: `'${N}' is a check that tables have already; choose another name`
}

/** Business rules of a table by name, made with `c`. */
export type DeclareChecks<R> = (c: CheckWords<R>) => CheckMap & ReservedNames

/** The checks of a table, planned in the order in which they are given. */
export function plannedChecks(
  declare: unknown,
  columns: readonly SourceColumn[],
  place: Place,
): { readonly checks?: readonly CheckPlan[] } {
  if (declare === undefined) return {}
  const like = `checks is a function, like (c) => ({ one_row_per_order: c.unique('order_id') })`
  if (typeof declare !== 'function') throw invalid(place, like)
  const made: unknown = evaluate(place, 'its checks are wrong', (): unknown => declare(words))
  if (typeof made !== 'object' || made === null || isCheck(made)) throw invalid(place, like)
  const checks = Object.entries(made).map(([name, given]: [string, unknown]) => planned(name, given, columns, place))
  checkDistinct(
    checks.map(({ name }) => name),
    'checks',
    place,
  )
  return checks.length === 0 ? {} : { checks }
}

const words: Readonly<Record<string, unknown>> = Object.fromEntries(
  checkKinds.map(({ kind }) => [kind, (...given: readonly unknown[]): Check => Object.freeze({ check: kind, given })]),
)

function isCheck(given: unknown): given is Check {
  return typeof given === 'object' && given !== null && 'check' in given && 'given' in given
}

function planned(name: string, check: unknown, columns: readonly SourceColumn[], table: Place): CheckPlan {
  const place = { ...table, check: name }
  checkName(name, 'its name', place)
  if (reservedCheckNames.some((known) => known === name))
    throw invalid(place, `'${name}' is a check that tables have already; choose another name`)
  const kind = isCheck(check) ? checkKinds.find((one) => one.kind === check.check) : undefined
  if (kind === undefined || !isCheck(check))
    throw invalid(place, `it is no check; make one with c, like c.unique('id')`)
  const severity = severityOf(check.given[kind.options], place)
  const own = evaluate(place, 'it is wrong', () => kind.plan(check.given, checkedTable(columns, place)))
  return { ...own, kind: kind.kind, name, severity }
}

const severities: readonly CheckSeverity[] = ['error', 'warn', 'off']

function severityOf(options: unknown, place: Place): CheckSeverity {
  if (options !== undefined && (typeof options !== 'object' || options === null))
    throw invalid(place, `its options are an object, like { severity: 'error' }`)
  const given: unknown = options !== undefined && 'severity' in options ? options.severity : undefined
  if (given === undefined) return 'warn'
  const severity = severities.find((one) => one === given)
  if (severity === undefined) throw invalid(place, `its severity is '${String(given)}'; it can be error, warn or off`)
  return severity
}

function checkedTable(columns: readonly SourceColumn[], place: Place): CheckedTable {
  const column = (name: unknown): SourceColumn => columnNamed(columns, String(name), 'table', place)
  const expression = (given: unknown, what: string, like: string): TypedExpression => {
    if (typeof given !== 'function') throw invalid(place, like)
    const made: unknown = evaluate(place, `${what} is wrong`, (): unknown => given(expressionRow(columns, 'column')))
    if (!isValued(made)) throw invalid(place, like)
    checkEventExpression(made.typed.expression, what, place)
    return made.typed
  }
  return {
    column,
    condition: (given) => {
      const like = 'it takes a condition on a row, like (r) => r.kwh.gt(0)'
      const typed = expression(given, 'its condition', like)
      if (typed.type !== 'boolean') throw invalid(place, like)
      return typed
    },
    value: (given) => {
      if (typeof given === 'function')
        return expression(given, 'its value', 'it must be of a column or of an expression, like (r) => r.kwh.mul(2)')
      const { name, type, nullable } = column(given)
      return { expression: { kind: 'column', name }, type, nullable }
    },
    refuse: (problem) => {
      throw invalid(place, problem)
    },
  }
}
