import { functions, type AllowedFunction, type ArgumentKind } from './functions.ts'
import { at, isEmpty, isTree, listAt, textAt } from './syntax-tree.ts'

/** What is wrong with a call, by Snowflake's reference. */
export function checkFunction(call: unknown, insideTable: boolean): readonly string[] {
  const name = listAt(call, 'name')
    .map((part) => textAt(part, 'Identifier', 'value') ?? '?')
    .join('.')
    .toUpperCase()
  const allowed = functions[name]
  if (allowed === undefined) return [`function ${name} is not listed`]
  const args = listAt(call, 'args', 'List', 'args')
  const problems: string[] = []
  const wrong = (what: string): void => void problems.push(`${name}: ${what} (functions/${allowed.page})`)
  if (args.length < allowed.args[0] || args.length > allowed.args[1]) wrong(`${args.length} arguments`)
  for (const [i, kind] of (allowed.kinds ?? []).entries())
    if (args[i] !== undefined && !isKind(args[i], kind))
      wrong(`argument ${i + 1} is not ${typeof kind === 'string' ? kind : kind.word.join(' or ')}`)
  if ((allowed.table !== undefined) !== insideTable) wrong(insideTable ? 'is no table function' : 'is a table function')
  const names = args.flatMap((arg) =>
    at(arg, 'Named') === undefined ? [] : [textAt(arg, 'Named', 'name', 'value') ?? '?'],
  )
  if (names.join() !== (allowed.table ?? []).join()) wrong(`named arguments ${names.join()}`)
  if (name !== 'COUNT' && args.some((arg) => at(arg, 'Unnamed') === 'Wildcard')) wrong('takes no *')
  if (!isEmpty(at(call, 'filter'))) wrong('has no FILTER')
  if (!isEmpty(at(call, 'args', 'List', 'clauses')))
    wrong('clauses inside the parentheses: IGNORE NULLS stands after them')
  const within = isEmpty(at(call, 'within_group')) ? 'absent' : 'there'
  if (
    (allowed.withinGroup === 'demanded' && within === 'absent') ||
    (allowed.withinGroup === undefined && within === 'there')
  )
    wrong(`WITHIN GROUP is ${within}`)
  const distinct = !isEmpty(at(call, 'args', 'List', 'duplicate_treatment'))
  if (distinct && allowed.distinct !== true) wrong('takes no DISTINCT')
  if (!isEmpty(at(call, 'null_treatment')) && allowed.ignoreNulls !== true) wrong('has no IGNORE NULLS')
  const over = at(call, 'over')
  if (isEmpty(over)) {
    if (allowed.onlyOver === true) wrong('needs OVER')
  } else for (const problem of checkOver(allowed, over, distinct)) wrong(problem)
  return problems
}

function checkOver(allowed: AllowedFunction, over: unknown, distinct: boolean): readonly string[] {
  const window = at(over, 'WindowSpec')
  if (!isTree(window) || !isEmpty(at(window, 'window_name'))) return ['Snowflake has no named windows']
  if (allowed.over === undefined) return ['has no OVER']
  const order = listAt(window, 'order_by')
  const frame = at(window, 'window_frame')
  const problems: string[] = []
  if (allowed.over === 'ordered' && order.length === 0) problems.push('needs ORDER BY in OVER')
  if (allowed.over !== 'frames' && !isEmpty(frame)) problems.push('takes no frame')
  if (distinct && (order.length > 0 || !isEmpty(frame)))
    problems.push('takes no DISTINCT together with ORDER BY in OVER')
  if (allowed.over === 'frames' && allowed.frameless !== true && order.length > 0 && isEmpty(frame))
    problems.push('ORDER BY without a frame: the frame that is meant then differs between functions and engines')
  if (isEmpty(frame)) return problems
  if (order.length === 0) problems.push('a frame needs ORDER BY')
  const bounds = [at(frame, 'start_bound'), at(frame, 'end_bound')]
  const offsets = bounds
    .flatMap((bound) => (isTree(bound) ? [at(bound, 'Preceding') ?? at(bound, 'Following')] : []))
    .filter((offset) => !isEmpty(offset))
  if (offsets.some((offset) => textAt(offset, 'Value', 'value', 'Number', 0) === undefined))
    problems.push('the offset of a frame must be a constant')
  if (at(frame, 'units') === 'Range' && offsets.length > 0) {
    if (allowed.rangeOffsets !== true) problems.push('takes no RANGE with offsets')
    if (order.length !== 1) problems.push('RANGE with offsets takes one ORDER BY expression')
  }
  if (offsets.length === 2 && bounds.every((bound) => at(bound, 'Preceding') !== undefined)) {
    const [from = 0, to = 0] = offsets.map((offset) => Number(textAt(offset, 'Value', 'value', 'Number', 0)))
    if (from < to) problems.push('the frame ends before it begins')
  }
  return problems
}

function isKind(arg: unknown, kind: ArgumentKind): boolean {
  const expression = at(arg, 'Unnamed', 'Expr')
  const number =
    textAt(expression, 'Value', 'value', 'Number', 0) ??
    textAt(expression, 'UnaryOp', 'expr', 'Value', 'value', 'Number', 0)
  const text = textAt(expression, 'Value', 'value', 'SingleQuotedString')
  if (kind === 'any') return true
  if (kind === 'text literal') return text !== undefined
  if (kind === 'number literal') return number !== undefined
  if (kind === 'integer literal') return number !== undefined && /^\d+$/.test(number)
  return kind.word.includes(
    text === undefined ? (textAt(expression, 'Identifier', 'value') ?? '').toUpperCase() : `'${text}'`,
  )
}
