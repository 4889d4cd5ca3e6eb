import { PRIVILEGES, readTaskBody, readPolicyBody, readProperties, readTriggers, readType } from './account-grammar.ts'
import { StatementReader } from './statement-reader.ts'
import { isWord, print, Refused, splitArguments } from './tokens.ts'

/** What became of a statement about objects that DuckDB has not: done, rows to answer with, or other SQL to run instead. */
export type Handled =
  | {
      readonly kind: 'done'
      /** Each must give a row, else the object that it is about does not exist. */ readonly checks: readonly {
        readonly what: string
        readonly sql: string
      }[]
    }
  | { readonly kind: 'rows'; readonly sql: string }
  | { readonly kind: 'instead'; readonly sql: string }

interface Named {
  readonly kind: string
  readonly name: string
}

/** Something that is not there, or is there already. */
export class ObjectError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

const CREATED = [
  'DATABASE',
  'WAREHOUSE',
  'ROLE',
  'RESOURCE MONITOR',
  'TAG',
  'MASKING POLICY',
  'ROW ACCESS POLICY',
  'COMPUTE POOL',
  'IMAGE REPOSITORY',
  'STREAM',
  'TASK',
] as const
const SHOWN: Readonly<Record<string, string>> = {
  WAREHOUSES: 'WAREHOUSE',
  ROLES: 'ROLE',
  'RESOURCE MONITORS': 'RESOURCE MONITOR',
  'COMPUTE POOLS': 'COMPUTE POOL',
  'IMAGE REPOSITORIES': 'IMAGE REPOSITORY',
  TAGS: 'TAG',
  'MASKING POLICIES': 'MASKING POLICY',
  'ROW ACCESS POLICIES': 'ROW ACCESS POLICY',
  STREAMS: 'STREAM',
  TASKS: 'TASK',
}

const POLICY_QUERY = new RegExp(
  String.raw`^\s*SELECT policy_name FROM TABLE\(INFORMATION_SCHEMA\.POLICY_REFERENCES\(` +
    String.raw`REF_ENTITY_NAME => '([\w.]+)', REF_ENTITY_DOMAIN => 'TABLE'\)\) WHERE policy_kind = 'ROW_ACCESS_POLICY'\s*$`,
)

/**
 * Objects of an account as far as a deployment needs them: parsed strictly and remembered, with who was granted what. Nothing of it is
 * enforced: no right, mask, row filter, quota or schedule has any effect here.
 */
export class AccountObjects {
  readonly #objects = new Set(['DATABASE MARTLET', 'ROLE SYSADMIN'])
  readonly #rowAccess = new Map<string, string>()
  /** Which kind of policy has a column in its signature. */
  readonly #policed = new Map<string, 'masking' | 'row access'>()
  /** Grants in the order they came, as `privilege on object to role`. */
  readonly grants = new Set<string>()

  /** Undefined: the statement is about something else. */
  handle(sql: string): Handled | undefined {
    const secure = /^\s*CREATE\s+OR\s+REPLACE\s+(?:SECURE\s+)?VIEW\s+([\w".]+)\s+COPY\s+GRANTS\s+AS\s/i.exec(sql)
    if (secure !== null)
      return { kind: 'instead', sql: `CREATE OR REPLACE VIEW ${secure[1]} AS ${sql.slice(secure[0].length)}` }
    const policies = POLICY_QUERY.exec(sql)
    if (policies !== null)
      return rows(
        ['POLICY_NAME'],
        [[this.#rowAccess.get((policies[1] ?? '').toUpperCase())]].filter(([name]) => name !== undefined),
      )
    if (
      !/^\s*(?:CREATE|ALTER|GRANT|SHOW)\b/i.test(sql) ||
      /^\s*(?:CREATE\s+(?:OR\s+REPLACE\s+)?(?:TEMPORARY\s+|TRANSIENT\s+)?(?:TABLE|VIEW|SCHEMA)|ALTER\s+SESSION|SHOW\s+PARAMETERS)\b/i.test(
        sql,
      )
    )
      return undefined
    if (/^\s*ALTER\s+TABLE\b/i.test(sql) && !/\b(?:POLICY|TAG)\b/i.test(sql)) return undefined
    const reader = new StatementReader(sql)
    if (reader.takes('SHOW')) return this.#show(reader)
    if (reader.takes('GRANT')) return this.#grant(reader)
    return reader.takes('ALTER') ? this.#alter(reader) : this.#create(reader)
  }

  #create(reader: StatementReader): Handled {
    reader.expect('CREATE')
    const alter = reader.takes('OR ALTER')
    const kind = reader.oneOf(CREATED, 'a kind of object')
    if (alter !== (kind === 'TASK'))
      throw new Refused(alter ? `CREATE OR ALTER ${kind}` : 'CREATE TASK without OR ALTER')
    if (!alter) reader.expect('IF NOT EXISTS')
    const name = reader.name()
    const uses: Named[] = []
    if (kind === 'RESOURCE MONITOR') reader.expect('WITH')
    if (kind === 'TAG') {
      reader.expect('ALLOWED_VALUES')
      do reader.one('string', 'a value')
      while (reader.takesSymbol(','))
    } else if (kind === 'MASKING POLICY' || kind === 'ROW ACCESS POLICY') {
      reader.expect('AS')
      const args = splitArguments(reader.group()).map(([, ...type]) => print(type))
      const types = kind === 'MASKING POLICY' ? args.slice(1) : args
      if (args.length === 0 || types.some((type) => type !== 'VARCHAR'))
        throw new Refused(`a ${kind.toLowerCase()} of ${args.join(' and ')}`)
      reader.expect('RETURNS')
      if (kind === 'ROW ACCESS POLICY') reader.expect('BOOLEAN')
      else readType(reader, args[0] ?? '')
      reader.expectSymbol('->')
      readPolicyBody(reader.rest())
    } else if (kind === 'STREAM') {
      reader.expect('ON TABLE')
      reader.name()
      readProperties(reader, 'CREATE STREAM', [])
    } else uses.push(...readProperties(reader, `CREATE ${kind}`, ['TRIGGERS', 'AFTER', 'WHEN', 'AS']))
    if (kind === 'RESOURCE MONITOR') readTriggers(reader)
    if (kind === 'TASK') {
      if (reader.takes('AFTER')) uses.push({ kind: 'TASK', name: reader.name() })
      uses.push(...readTaskBody(reader))
    }
    reader.end()
    const checks = this.#expect(uses)
    this.#objects.add(`${kind} ${name}`)
    return { kind: 'done', checks: [...checks, ...schemaCheck(name)] }
  }

  #alter(reader: StatementReader): Handled {
    if (reader.takes('TABLE')) return this.#alterTable(reader)
    const kind = reader.oneOf(CREATED, 'a kind of object')
    const uses: Named[] = [{ kind, name: reader.name() }]
    reader.expect('SET')
    if (kind === 'MASKING POLICY' || kind === 'ROW ACCESS POLICY') {
      reader.expect('BODY')
      reader.expectSymbol('->')
      readPolicyBody(reader.rest())
    } else uses.push(...readProperties(reader, `ALTER ${kind}`, ['TRIGGERS']))
    if (kind === 'RESOURCE MONITOR') readTriggers(reader)
    reader.end()
    return { kind: 'done', checks: this.#expect(uses) }
  }

  #alterTable(reader: StatementReader): Handled {
    const table = reader.name()
    if (reader.takes('ADD ROW ACCESS POLICY')) {
      const policy = reader.name()
      reader.expect('ON')
      const columns = splitArguments(reader.group()).map(([column]) => column?.text ?? '')
      reader.end()
      const checks = [
        ...this.#expect([{ kind: 'ROW ACCESS POLICY', name: policy }]),
        ...columns.map((column) => columnCheck(table, column)),
      ]
      for (const column of columns) this.#once(table, column, 'row access')
      if (this.#rowAccess.has(table))
        throw new ObjectError(
          '003549',
          `Object ${table} already has a ROW_ACCESS_POLICY. Only one ROW_ACCESS_POLICY is allowed at a time.`,
        )
      this.#rowAccess.set(table, policy.split('.').at(-1) ?? policy)
      return { kind: 'done', checks }
    }
    reader.expect('MODIFY COLUMN')
    const column = reader.name()
    reader.expect('SET')
    const uses: Named[] = []
    if (reader.takes('TAG')) {
      uses.push({ kind: 'TAG', name: reader.name() })
      reader.expectSymbol('=')
      reader.one('string', 'a value')
    } else {
      reader.expect('MASKING POLICY')
      uses.push({ kind: 'MASKING POLICY', name: reader.name() })
      reader.expect('FORCE')
      this.#once(table, column, 'masking')
    }
    reader.end()
    return { kind: 'done', checks: [...this.#expect(uses), columnCheck(table, column)] }
  }

  // user-guide/security-row-intro: a column is in the signature of one kind of policy at most.
  #once(table: string, column: string, kind: 'masking' | 'row access'): void {
    const key = `${table}.${column}`
    const other = this.#policed.get(key)
    if (other !== undefined && other !== kind)
      throw new ObjectError('003551', `Column ${key} is already in the signature of a ${other} policy.`)
    this.#policed.set(key, kind)
  }

  /** A role with all that it holds, by the grants of now. */
  rolesOf(role: string): readonly string[] {
    const all = new Set([role])
    for (const one of all)
      for (const grant of this.grants) {
        const held = /^role (\w+) to (\w+)$/.exec(grant)
        if (held?.[2] === one && held[1] !== undefined) all.add(held[1])
      }
    return [...all]
  }

  hasRole(role: string): boolean {
    return this.#objects.has(`ROLE ${role}`)
  }

  #grant(reader: StatementReader): Handled {
    const uses: Named[] = []
    let what: string
    if (reader.takes('ROLE')) {
      const role = reader.name()
      uses.push({ kind: 'ROLE', name: role })
      what = `role ${role}`
    } else {
      const start = reader.tokens.length - reader.rest().length
      const on = reader.tokens.findIndex((token) => isWord(token, 'ON'))
      const privileges = reader.tokens
        .slice(start, on)
        .map(({ text }) => text)
        .join(' ')
        .split(' , ')
      const rest = new StatementReader(
        reader.tokens
          .slice(on + 1)
          .map(({ text }) => text)
          .join(' '),
      )
      const many = rest.takes('ALL') || rest.takes('FUTURE')
      const kind = many
        ? rest.oneOf(['TABLES', 'VIEWS'], 'TABLES or VIEWS').slice(0, -1)
        : rest.oneOf(Object.keys(PRIVILEGES), 'a kind of object')
      for (const privilege of privileges)
        if (PRIVILEGES[kind]?.includes(privilege) !== true) throw new Refused(`the privilege ${privilege} on ${kind}`)
      if (many) rest.expect('IN SCHEMA')
      if (kind !== 'ACCOUNT') uses.push({ kind: many ? 'SCHEMA' : kind, name: rest.name() })
      what = `${privileges.join()} on ${reader.tokens
        .slice(on + 1, -3)
        .map(({ text }) => text)
        .join(' ')}`
      return this.#granted(rest, uses, what)
    }
    return this.#granted(reader, uses, what)
  }

  #granted(reader: StatementReader, uses: readonly Named[], what: string): Handled {
    reader.expect('TO ROLE')
    const role = reader.name()
    reader.end()
    const checks = this.#expect([...uses, { kind: 'ROLE', name: role }])
    this.grants.add(`${what} to ${role}`)
    return { kind: 'done', checks }
  }

  #show(reader: StatementReader): Handled {
    const kind = SHOWN[reader.oneOf(Object.keys(SHOWN), 'a kind of object that the double lists')] ?? ''
    reader.end()
    const names = [...this.#objects].flatMap((object) =>
      object.startsWith(`${kind} `) ? [object.slice(kind.length + 1).split('.')] : [],
    )
    const inSchema = ['TAG', 'MASKING POLICY', 'ROW ACCESS POLICY', 'STREAM', 'TASK', 'IMAGE REPOSITORY'].includes(kind)
    return rows(
      inSchema ? ['name', 'schema_name'] : ['name'],
      names.map((parts) => (inSchema ? [parts.at(-1), parts.at(-2)] : [parts.at(-1)])),
    )
  }

  // What is of the account is known here; schemas, tables and views are DuckDB's.
  #expect(uses: readonly Named[]): readonly { readonly what: string; readonly sql: string }[] {
    return uses.flatMap(({ kind, name }) => {
      if (kind === 'SCHEMA') return schemaCheck(`${name}.X`)
      if (kind === 'TABLE' || kind === 'VIEW') return [columnCheck(name)]
      if (!this.#objects.has(`${kind} ${name}`))
        throw new ObjectError('002003', `SQL compilation error: ${kind} '${name}' does not exist or not authorized.`)
      return []
    })
  }

  /** Forgets an object, as if somebody had dropped it. */
  forget(kind: string, name: string): void {
    this.#objects.delete(`${kind} ${name}`)
  }
}

function schemaCheck(name: string): readonly { readonly what: string; readonly sql: string }[] {
  const schema = name.split('.').at(-2)
  return schema === undefined
    ? []
    : [
        {
          what: `Schema '${schema}'`,
          sql: `SELECT 1 FROM information_schema.schemata WHERE upper(schema_name) = ${text(schema)}`,
        },
      ]
}

function columnCheck(table: string, column?: string): { readonly what: string; readonly sql: string } {
  const [name = '', schema = 'PUBLIC'] = table.split('.').toReversed()
  const where = column === undefined ? '' : ` AND upper(column_name) = ${text(column)}`
  return {
    what: `Object '${[table, ...(column === undefined ? [] : [column])].join('.')}'`,
    sql: `SELECT 1 FROM duckdb_columns() WHERE upper(schema_name) = ${text(schema)} AND upper(table_name) = ${text(name)}${where} LIMIT 1`,
  }
}

function rows(names: readonly string[], values: readonly (readonly (string | undefined)[])[]): Handled {
  const one = (row: readonly (string | undefined)[]): string =>
    `SELECT ${names.map((name, at) => `${text(row[at] ?? '')} AS "${name}"`).join(', ')}`
  return { kind: 'rows', sql: values.length === 0 ? `${one([])} WHERE false` : values.map(one).join(' UNION ALL ') }
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

/** The documented columns of ACCOUNT_USAGE that our views read; empty here. */
export const ACCOUNT_USAGE_SETUP = `
  ATTACH ':memory:' AS SNOWFLAKE;
  CREATE SCHEMA SNOWFLAKE.ACCOUNT_USAGE;
  CREATE TABLE SNOWFLAKE.ACCOUNT_USAGE.WAREHOUSE_METERING_HISTORY (start_time TIMESTAMP, end_time TIMESTAMP,
    warehouse_id INTEGER, warehouse_name VARCHAR, credits_used DOUBLE,
    credits_used_compute DOUBLE, credits_used_cloud_services DOUBLE);
  CREATE TABLE SNOWFLAKE.ACCOUNT_USAGE.QUERY_ATTRIBUTION_HISTORY (query_id VARCHAR, parent_query_id VARCHAR,
    root_query_id VARCHAR, warehouse_id INTEGER, warehouse_name VARCHAR, query_hash VARCHAR,
    query_parameterized_hash VARCHAR, query_tag VARCHAR, user_name VARCHAR, start_time TIMESTAMP, end_time TIMESTAMP,
      credits_attributed_compute DOUBLE, credits_used_query_acceleration DOUBLE);
  CREATE TABLE SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY (query_id VARCHAR, query_text VARCHAR, warehouse_name VARCHAR,
    warehouse_size VARCHAR, role_name VARCHAR, user_name VARCHAR, query_tag VARCHAR,
    execution_status VARCHAR, error_code VARCHAR, start_time TIMESTAMP, end_time TIMESTAMP, total_elapsed_time BIGINT,
      queued_overload_time BIGINT, bytes_scanned BIGINT,
    bytes_spilled_to_local_storage BIGINT, bytes_spilled_to_remote_storage BIGINT);
  CREATE TABLE SNOWFLAKE.ACCOUNT_USAGE.TASK_HISTORY (name VARCHAR, query_text VARCHAR, state VARCHAR, error_code
    VARCHAR, error_message VARCHAR, scheduled_time TIMESTAMP, query_start_time TIMESTAMP,
    completed_time TIMESTAMP, query_id VARCHAR, database_name VARCHAR, schema_name VARCHAR);
  CREATE TABLE SNOWFLAKE.ACCOUNT_USAGE.TABLES (table_name VARCHAR, table_schema VARCHAR, table_catalog VARCHAR,
    table_owner VARCHAR, table_type VARCHAR, row_count BIGINT, bytes BIGINT, created TIMESTAMP,
    last_altered TIMESTAMP, deleted TIMESTAMP);
`
