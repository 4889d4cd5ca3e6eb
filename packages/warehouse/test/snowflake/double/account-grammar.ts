import { isSymbol, isWord, print, Refused } from './tokens.ts'
import type { Token } from './tokens.ts'
import type { StatementReader } from './statement-reader.ts'

/** A property's value: a whole number in a range, TRUE or FALSE, a word of a list, a string that matches, or the name of another object. */
type Value = readonly [number, number] | 'boolean' | readonly string[] | RegExp | { readonly name: string }

const SIZES = ['XSMALL', 'SMALL', 'MEDIUM', 'LARGE', 'XLARGE']
const WAREHOUSE = {
  WAREHOUSE_SIZE: SIZES,
  AUTO_SUSPEND: [0, 1e9],
  AUTO_RESUME: 'boolean',
  INITIALLY_SUSPENDED: 'boolean',
  STATEMENT_TIMEOUT_IN_SECONDS: [0, 604_800],
  STATEMENT_QUEUED_TIMEOUT_IN_SECONDS: [0, 604_800],
  RESOURCE_MONITOR: { name: 'RESOURCE MONITOR' },
} as const
const POOL = {
  MIN_NODES: [1, 100],
  MAX_NODES: [1, 100],
  INSTANCE_FAMILY: ['CPU_X64_XS', 'CPU_X64_S', 'CPU_X64_M'],
  AUTO_RESUME: 'boolean',
  INITIALLY_SUSPENDED: 'boolean',
  AUTO_SUSPEND_SECS: [0, 1e9],
} as const
const MONITOR = {
  CREDIT_QUOTA: [1, 1e9],
  FREQUENCY: ['MONTHLY', 'DAILY', 'WEEKLY', 'YEARLY', 'NEVER'],
  START_TIMESTAMP: ['IMMEDIATELY'],
} as const

/**
 * Properties by kind of object and verb, as the pages sql/create-warehouse, sql/alter-warehouse and so on list them;
 * only those that are used.
 */
export const PROPERTIES: Readonly<Record<string, Readonly<Record<string, Value>>>> = {
  'CREATE DATABASE': {},
  'ALTER DATABASE': { DATA_RETENTION_TIME_IN_DAYS: [0, 90] },
  'CREATE WAREHOUSE': WAREHOUSE,
  'ALTER WAREHOUSE': Object.fromEntries(Object.entries(WAREHOUSE).filter(([name]) => name !== 'INITIALLY_SUSPENDED')),
  'CREATE COMPUTE POOL': POOL,
  'ALTER COMPUTE POOL': Object.fromEntries(
    Object.entries(POOL).filter(([name]) => name !== 'INITIALLY_SUSPENDED' && name !== 'INSTANCE_FAMILY'),
  ),
  'CREATE RESOURCE MONITOR': MONITOR,
  'ALTER RESOURCE MONITOR': MONITOR,
  'CREATE ROLE': {},
  'CREATE IMAGE REPOSITORY': {},
  'CREATE STREAM': { APPEND_ONLY: 'boolean' },
  'CREATE TASK': {
    WAREHOUSE: { name: 'WAREHOUSE' },
    SCHEDULE: /^(?:USING CRON( [\d*,/LA-Z#-]+){5} [A-Za-z_/+-]+|[1-9]\d{0,4} MINUTES?)$/,
    USER_TASK_TIMEOUT_MS: [0, 604_800_000],
    SUSPEND_TASK_AFTER_NUM_FAILURES: [0, 1e9],
  },
}

/** Reads `NAME = value` as often as it is there, and returns the objects that values name. */
export function readProperties(
  reader: StatementReader,
  statement: string,
  end: readonly string[],
): readonly { readonly kind: string; readonly name: string }[] {
  const known = PROPERTIES[statement] ?? {}
  const names: { kind: string; name: string }[] = []
  const seen = new Set<string>()
  while (!reader.ended && !isWord(reader.next, ...end)) {
    const property = reader.oneOf(Object.keys(known), `a property of ${statement}`)
    if (seen.has(property)) throw new Refused(`${property} twice in ${statement}`)
    seen.add(property)
    reader.expectSymbol('=')
    const named = readValue(reader, property, known[property] ?? [])
    if (named !== undefined) names.push(named)
    reader.takesSymbol(',')
  }
  return names
}

function readValue(
  reader: StatementReader,
  property: string,
  value: Value,
): { readonly kind: string; readonly name: string } | undefined {
  if (value === 'boolean') reader.oneOf(['TRUE', 'FALSE'], 'TRUE or FALSE')
  else if (value instanceof RegExp) {
    if (!value.test(reader.one('string', 'a string'))) throw new Refused(`the value of ${property}`)
  } else if ('name' in value) return { kind: value.name, name: reader.name() }
  else if (isRange(value)) {
    const number = Number(reader.one('number', 'a number'))
    if (number < value[0] || number > value[1]) throw new Refused(`${property} = ${number}`)
  } else reader.oneOf(value, `a value of ${property}`)
  return undefined
}

function isRange(value: readonly [number, number] | readonly string[]): value is readonly [number, number] {
  return typeof value[0] === 'number'
}

/** sql/create-resource-monitor, sql/alter-resource-monitor */
export function readTriggers(reader: StatementReader): void {
  if (!reader.takes('TRIGGERS')) return
  do {
    reader.expect('ON')
    reader.one('number', 'a percentage')
    reader.expect('PERCENT DO')
    reader.oneOf(['SUSPEND', 'SUSPEND_IMMEDIATE', 'NOTIFY'], 'an action')
  } while (isWord(reader.next, 'ON'))
}

/** sql/create-task: WHEN and the statement, of which only INSERT is known beside a job service. It is not run. */
export function readTaskBody(reader: StatementReader): readonly { readonly kind: string; readonly name: string }[] {
  const uses: { kind: string; name: string }[] = []
  if (reader.takes('WHEN')) {
    reader.expect('SYSTEM$STREAM_HAS_DATA')
    const [stream, ...others] = reader.group()
    if (stream?.kind !== 'string' || others.length > 0) throw new Refused('a condition that is not about one stream')
    uses.push({ kind: 'STREAM', name: stream.text.toUpperCase() })
  }
  reader.expect('AS')
  if (!isWord(reader.next, 'INSERT')) return [...uses, ...readJobService(reader)]
  reader.expect('INSERT INTO')
  reader.name()
  if (reader.group().length === 0) throw new Refused('an INSERT without columns')
  if (!isWord(reader.rest()[0], 'SELECT')) throw new Refused('an INSERT without SELECT')
  return uses
}

/** sql/execute-job-service; clauses stand in this order. */
export function readJobService(reader: StatementReader): readonly { readonly kind: string; readonly name: string }[] {
  reader.expect('EXECUTE JOB SERVICE IN COMPUTE POOL')
  const pool = reader.name()
  reader.expect('FROM SPECIFICATION_TEMPLATE')
  const template = reader.one('string', 'a specification')
  if (!/^\nspec:\n {2}containers:\n/.test(template))
    throw new Refused('a specification that does not begin with spec and containers')
  reader.expect('USING')
  const given = reader
    .group()
    .flatMap((token, at, all) => (isSymbol(all[at + 1], '=>') ? [token.text.toLowerCase()] : []))
  const wanted = [...template.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map((match) => match[1] ?? '')
  if (wanted.some((name) => !given.includes(name)) || given.some((name) => !wanted.includes(name)))
    throw new Refused(`a template with ${wanted.join()} and values of ${given.join()}`)
  reader.expect('QUERY_WAREHOUSE')
  reader.expectSymbol('=')
  return [
    { kind: 'COMPUTE POOL', name: pool },
    { kind: 'WAREHOUSE', name: reader.name() },
  ]
}

/** The type that a masking policy returns, which is that of its first argument (sql/create-masking-policy). */
export function readType(reader: StatementReader, type: string): void {
  if (type !== 'VARCHAR' && type !== 'NUMBER ( 12 , 2 )') throw new Refused(`a masking policy of ${type}`)
  const [name = ''] = type.split(' ')
  reader.expect(name)
  const digits = name === 'NUMBER' ? `NUMBER ( ${print(reader.group())} )` : name
  if (digits !== type) throw new Refused(`a masking policy of ${type} that returns ${digits}`)
}

const POLICY_FUNCTIONS = new Set(['IS_ROLE_IN_SESSION', 'SHA2', 'CONCAT', 'CAST', 'EXISTS'])

/** The expression of a policy: only that its parentheses close and its functions are known; it is never evaluated. */
export function readPolicyBody(tokens: readonly Token[]): void {
  if (tokens.length === 0) throw new Refused('a policy without an expression')
  let depth = 0
  tokens.forEach((token, at) => {
    if (isSymbol(token, '(')) depth++
    if (isSymbol(token, ')') && --depth < 0) throw new Refused('a parenthesis that closes nothing')
    const called =
      token.kind === 'word' &&
      isSymbol(tokens[at + 1], '(') &&
      !isWord(token, 'WHEN', 'THEN', 'ELSE', 'AND', 'OR', 'NOT', 'IN', 'NUMBER')
    if (called && !POLICY_FUNCTIONS.has(token.text)) throw new Refused(`the function ${token.text} in a policy`)
  })
  if (depth !== 0) throw new Refused('a parenthesis that is not closed')
}

/** sql/grant-privilege: the privileges of each kind that are used. */
export const PRIVILEGES: Readonly<Record<string, readonly string[]>> = {
  ACCOUNT: ['EXECUTE TASK', 'EXECUTE MANAGED TASK'],
  DATABASE: ['USAGE', 'CREATE SCHEMA', 'MONITOR', 'MODIFY'],
  SCHEMA: ['USAGE', 'CREATE TABLE', 'CREATE VIEW', 'CREATE SERVICE', 'MONITOR', 'MODIFY'],
  TABLE: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES'],
  VIEW: ['SELECT', 'REFERENCES'],
  WAREHOUSE: ['USAGE', 'OPERATE', 'MONITOR', 'MODIFY'],
  'COMPUTE POOL': ['USAGE', 'OPERATE', 'MONITOR', 'MODIFY'],
  'IMAGE REPOSITORY': ['READ', 'WRITE'],
  TASK: ['MONITOR', 'OPERATE'],
}
