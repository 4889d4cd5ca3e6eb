import { setTimeout as sleep } from 'node:timers/promises'
import { DuckDBInstance, LIST, VARCHAR, listValue } from '@duckdb/node-api'
import type { DuckDBConnection, DuckDBMaterializedResult } from '@duckdb/node-api'
import { changeAnswer, done, queryAnswer, resultColumn } from './answers.ts'
import type { Answer } from './answers.ts'
import { asStatementError, StatementError } from './statement-error.ts'
import { Refused } from './tokens.ts'
import { movedBy, PLACE_SETUP, placeStatements, refusalOf } from './place.ts'
import type { Place } from './place.ts'
import { ARITHMETIC_SETUP, formatStatements } from './arithmetic.ts'
import { DATES_SETUP } from './dates.ts'
import { createdFrom } from './names.ts'
import { rewrite } from './rewrite.ts'
import type { BoundTexts } from './rewrite.ts'
import { CLUSTERING_SETUP, REMEMBER_CLUSTERING } from './clustering.ts'
import { ACCOUNT_USAGE_SETUP, AccountObjects } from './account-objects.ts'
import type { Handled } from './account-objects.ts'
import { stageStatement } from './stage-statements.ts'
import { Stages } from './stages.ts'

export interface Bind {
  readonly type: string
  readonly value: string | null | readonly (string | null)[]
}

const SETUP = `
  SET TimeZone = 'UTC';
  ATTACH ':memory:' AS MARTLET;
  CREATE SCHEMA MARTLET.PUBLIC;
  CREATE SCHEMA MARTLET.SF_CATALOG;
  USE MARTLET.PUBLIC;
  CREATE MACRO MARTLET.PUBLIC.SF_IFF(c, a, b) AS CASE WHEN c THEN a ELSE b END;
  CREATE MACRO MARTLET.PUBLIC.SF_DATEADD(part, n, ts) AS CASE WHEN part = 'microsecond' THEN ts +
    to_microseconds(CAST(n AS BIGINT)) ELSE error('the double has no DATEADD of this part') END;
  CREATE MACRO MARTLET.PUBLIC.SF_DATE_PART(part, ts) AS CASE WHEN part = 'epoch_microsecond' THEN epoch_us(ts) ELSE
    error('the double has no DATE_PART of this part') END;
  CREATE MACRO MARTLET.PUBLIC.SF_CONVERT_TIMEZONE(a, b, ts) AS timezone(b, timezone(a, ts)), (b, ts) AS CASE WHEN b =
    'UTC' THEN CAST(ts AS TIMESTAMP) ELSE error('the double has no CONVERT_TIMEZONE of two arguments to another zone than UTC') END;
  CREATE MACRO MARTLET.PUBLIC.SF_SYSTEM_TYPEOF(x) AS CASE typeof(x) WHEN 'TIMESTAMP' THEN 'TIMESTAMP_NTZ(6)' WHEN
    'TIMESTAMP WITH TIME ZONE' THEN 'TIMESTAMP_TZ(6)' WHEN 'DATE' THEN 'DATE'
    ELSE error('the double has no SYSTEM$TYPEOF of this type') END;
  CREATE MACRO MARTLET.PUBLIC.SF_TO_TIMESTAMP_NTZ(n, digits) AS CASE WHEN digits = 6 THEN make_timestamp(CAST(n AS
    BIGINT)) ELSE error('the double has no TO_TIMESTAMP_NTZ of this scale') END;
  CREATE MACRO MARTLET.PUBLIC.SF_TO_NUMBER(x, format) AS CASE WHEN format = 'XXXXXXXXXXXXXXX' THEN CAST('0x' || x AS
    BIGINT) ELSE error('the double has no TO_NUMBER of this format') END;
  CREATE MACRO MARTLET.PUBLIC.SF_REGEXP_INSTR(x, pattern) AS CASE WHEN regexp_matches(x, pattern) THEN 1 WHEN x IS NOT NULL THEN 0 END;
  CREATE MACRO MARTLET.PUBLIC.SF_SHA2(x, bits) AS CASE WHEN bits = 256 THEN sha256(x) ELSE error('the double has no SHA2 of this size') END;
  CREATE MACRO MARTLET.PUBLIC.SF_CONCAT(a, b) AS a || b;
  CREATE MACRO MARTLET.PUBLIC.SF_ARRAY_GENERATE_RANGE(a, b) AS range(CAST(a AS BIGINT), CAST(b AS BIGINT));
  CREATE VIEW MARTLET.SF_CATALOG.SCHEMATA AS SELECT catalog_name, schema_name FROM information_schema.schemata WHERE
    schema_name NOT IN ('main', 'SF_CATALOG', 'ACCOUNT_USAGE', 'information_schema', 'pg_catalog');
  CREATE VIEW MARTLET.SF_CATALOG.TABLES AS SELECT table_catalog, table_schema, table_name, table_type FROM
    information_schema.tables WHERE table_schema NOT IN ('SF_CATALOG', 'ACCOUNT_USAGE');
  CREATE VIEW MARTLET.SF_CATALOG.COLUMNS AS
    SELECT
      CASE WHEN database_name = 'temp' THEN current_database() ELSE database_name END AS table_catalog,
      CASE WHEN database_name = 'temp' THEN current_schema() ELSE schema_name END AS table_schema,
      table_name, column_name, column_index AS ordinal_position, column_default,
      CASE WHEN data_type IN ('INTEGER', 'BIGINT', 'HUGEINT') OR data_type LIKE 'DECIMAL%' THEN 'NUMBER' WHEN
        data_type = 'DOUBLE' THEN 'FLOAT'
        WHEN data_type = 'VARCHAR' THEN 'TEXT' WHEN data_type = 'TIMESTAMP' THEN 'TIMESTAMP_NTZ' WHEN data_type =
          'TIMESTAMP WITH TIME ZONE' THEN 'TIMESTAMP_TZ' ELSE data_type END AS data_type,
      CASE data_type WHEN 'INTEGER' THEN 10 WHEN 'BIGINT' THEN 19 WHEN 'HUGEINT' THEN 38 ELSE CASE WHEN data_type LIKE
        'DECIMAL%' THEN numeric_precision END END AS numeric_precision,
      CASE WHEN data_type IN ('INTEGER', 'BIGINT', 'HUGEINT') THEN 0 WHEN data_type LIKE 'DECIMAL%' THEN numeric_scale END AS numeric_scale,
      CASE WHEN is_nullable THEN 'YES' ELSE 'NO' END AS is_nullable
    FROM duckdb_columns() WHERE schema_name <> 'SF_CATALOG' AND NOT internal
`

/** Five minutes on Snowflake. */
const IDLE_BLOCKER_MS = 1500

/** Snowflake's engine as far as our own statements need it, played by DuckDB. */
export class Engine {
  readonly #instance: DuckDBInstance
  /** Shared by all sessions. */
  readonly account = new AccountObjects()
  readonly stages: Stages = new Stages()
  readonly sessions = new Set<EngineSession>()

  private constructor(instance: DuckDBInstance) {
    this.#instance = instance
  }

  static async create(threads: number): Promise<Engine> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(threads),
      default_null_order: 'nulls_last_on_asc_first_on_desc',
    })
    const connection = await instance.connect()
    await connection.run(
      `${SETUP};${CLUSTERING_SETUP};${ACCOUNT_USAGE_SETUP};${PLACE_SETUP};${ARITHMETIC_SETUP};${DATES_SETUP}`,
    )
    connection.disconnectSync()
    return new Engine(instance)
  }

  async session(place: Place): Promise<EngineSession> {
    const connection = await this.#instance.connect()
    await connection.run(`SET TimeZone = 'UTC'; USE MARTLET.PUBLIC; ${placeStatements(place)}`)
    const session = new EngineSession(connection, place, this)
    this.sessions.add(session)
    return session
  }

  close(): void {
    this.#instance.closeSync()
    this.stages.dispose()
  }
}

export class EngineSession {
  readonly #connection: DuckDBConnection
  #inTransaction = false
  #busy = 0
  /** The number of the statement that runs, or ran last. */
  #statement = 0
  #last: Promise<unknown> = Promise.resolve()
  /** What ALTER SESSION said, for tests to look at. */
  readonly settings: string[] = []
  #place: Place
  readonly #engine: Engine
  #lastEnd = 0
  #aborted = false

  constructor(connection: DuckDBConnection, place: Place, engine: Engine) {
    this.#engine = engine
    this.#connection = connection
    this.#place = place
  }

  /** Runs a statement; of a query, `describeOnly` runs nothing and gives the columns. */
  run(sql: string, binds: readonly Bind[], describeOnly = false): Promise<Answer> {
    const run = this.#last.then(async () => {
      this.#busy++
      this.#statement++
      try {
        return await this.#run(sql, binds, describeOnly)
      } finally {
        this.#busy--
        this.#lastEnd = performance.now()
      }
    })
    this.#last = run.catch(() => undefined)
    return run
  }

  // An interrupt that comes before DuckDB has begun is lost, so it is repeated until the statement ends; it is not meant for the next.
  interrupt(statement = this.#statement): void {
    if (this.#busy === 0 || statement !== this.#statement) return
    this.#connection.interrupt()
    setTimeout(() => this.interrupt(statement), 5)
  }

  // Snowflake rolls a transaction back that has done nothing for five minutes and stands in the way of another.
  async abortIfIdle(): Promise<void> {
    if (!this.#inTransaction || this.#busy > 0 || performance.now() - this.#lastEnd < IDLE_BLOCKER_MS) return
    this.#inTransaction = false
    this.#aborted = true
    await this.#connection.run('ROLLBACK')
  }

  async close(): Promise<void> {
    this.#engine.sessions.delete(this)
    this.interrupt()
    await this.#last
    this.#connection.disconnectSync()
  }

  async #run(sql: string, binds: readonly Bind[], describeOnly: boolean): Promise<Answer> {
    try {
      const other = binds.find(({ type }) => type !== 'TEXT')
      if (other !== undefined) throw new Refused(`a bind of type ${other.type}: values are bound as text`)
      const texts = textsOf(binds)
      const staged = stageStatement(sql)
      if (staged !== undefined) {
        const refused =
          staged.kind === 'load' || staged.kind === 'unload'
            ? refusalOf(this.#place, { kind: 'insert', sql: 'COPY' })
            : undefined
        if (refused !== undefined) throw new StatementError(refused.code, refused.sqlState, refused.message)
        return await this.#engine.stages.run(staged, this.#connection, texts)
      }
      const handled = this.#engine.account.handle(sql)
      if (handled !== undefined && handled.kind !== 'instead') return await this.#handled(handled)
      const statement = rewrite(handled?.sql ?? sql, texts)
      const refusal = refusalOf(this.#place, statement)
      if (refusal !== undefined) throw new StatementError(refusal.code, refusal.sqlState, refusal.message)
      if (describeOnly && statement.kind !== 'query') throw new Refused('a description of what is no query')
      if (this.#aborted) {
        this.#aborted = false
        throw new StatementError(
          '000624',
          '57014',
          'The transaction was aborted because it was idle and blocked another',
        )
      }
      switch (statement.kind) {
        case 'session':
          this.settings.push(sql)
          await this.#connection.run(formatStatements(sql))
          return done()
        case 'begin':
          if (!this.#inTransaction) await this.#connection.run('BEGIN TRANSACTION')
          this.#inTransaction = true
          return done()
        case 'commit':
        case 'rollback':
          if (this.#inTransaction) {
            this.#inTransaction = false
            await this.#connection.run(statement.kind)
          }
          return done()
        case 'ddl':
          if (this.#inTransaction) throw new Refused('DDL inside a transaction, which would commit it')
          await this.#refuseTwice(createdFrom(statement.sql))
          await this.#define(sql, () => unlessConflict(() => this.#connection.run(statement.sql)))
          if (statement.clustering !== undefined)
            await this.#connection.run(REMEMBER_CLUSTERING, [
              statement.clustering.schema,
              statement.clustering.table,
              statement.clustering.key,
            ])
          return done()
        case 'query':
          return describeOnly
            ? await this.#describe(statement.sql)
            : await queryAnswer(await this.#ask(statement.sql, binds, texts))
        case 'insert':
        case 'update':
        case 'delete':
        case 'merge':
          break
      }
      const { duplicates } = statement
      if (duplicates !== undefined && (await this.#connection.runAndReadAll(duplicates)).currentRowCount > 0) {
        throw new StatementError('100090', '42P18', 'Duplicate row detected during DML action')
      }
      return changeAnswer(statement.kind, (await this.#ask(statement.sql, binds, texts)).rowsChanged)
    } catch (error) {
      const told = asStatementError(error)
      if (told.code === '000625')
        for (const other of this.#engine.sessions) if (other !== this) await other.abortIfIdle()
      throw told
    }
  }

  async #ask(sql: string, binds: readonly Bind[], texts: BoundTexts): Promise<DuckDBMaterializedResult> {
    if (texts !== 'lists') return this.#connection.run(sql)
    const lists = binds.map(({ value }) =>
      listValue(typeof value === 'object' && value !== null ? [...value] : [value]),
    )
    return this.#connection.run(
      sql,
      lists,
      lists.map(() => LIST(VARCHAR)),
    )
  }

  // What DuckDB has not: it only says whether schemas, tables and columns that the statement names are there.
  async #handled(handled: Exclude<Handled, { readonly kind: 'instead' }>): Promise<Answer> {
    if (handled.kind === 'rows') return queryAnswer(await this.#connection.run(handled.sql))
    if (this.#inTransaction) throw new Refused('DDL inside a transaction, which would commit it')
    if (this.#place.role === 'READER')
      throw new StatementError(
        '003001',
        '42501',
        'SQL access control error: Insufficient privileges to operate on account.',
      )
    for (const { what, sql } of handled.checks) {
      if ((await this.#connection.runAndReadAll(sql)).currentRowCount === 0)
        throw new StatementError('002003', '42S02', `SQL compilation error: ${what} does not exist or not authorized.`)
    }
    return done()
  }

  // Tables of the schema that the double's functions are in are still found, which Snowflake would not do; new ones
  // go to the current schema.
  async #define(sql: string, work: () => Promise<unknown>): Promise<void> {
    const moved = movedBy(sql)
    if (moved?.createsNothing !== true) await work()
    if (moved === undefined) return
    this.#place = { ...this.#place, schema: moved.schema }
    const path = `MARTLET."${moved.schema.replaceAll('"', '""')}",MARTLET.PUBLIC`
    await this.#connection.run(`SET search_path = '${path.replaceAll("'", "''")}'; ${placeStatements(this.#place)}`)
  }

  // DuckDB renames the second of two columns of one name; Snowflake makes no such table.
  async #refuseTwice(query: string | undefined): Promise<void> {
    if (query === undefined) return
    // Described, for DuckDB plans what it prepares, which takes as long as to run it.
    const described = await this.#connection.runAndReadAll(`DESCRIBE ${query}`)
    const names = described.getRows().map(([name]) => String(name))
    const twice = names.find((name, index) => names.indexOf(name) < index)
    if (twice !== undefined)
      throw new StatementError('002025', '42S21', `SQL compilation error: duplicate column name '${twice}'`)
  }

  async #describe(sql: string): Promise<Answer> {
    const prepared = await this.#connection.prepare(sql)
    const columns = Array.from({ length: prepared.columnCount }, (_, index) =>
      resultColumn(prepared.columnName(index), prepared.columnType(index)),
    )
    prepared.destroySync()
    return { columns, parts: [], statementTypeId: 0x1000 }
  }
}

function textsOf(binds: readonly Bind[]): BoundTexts {
  const texts: (string | null)[] = []
  for (const { value } of binds) {
    if (typeof value === 'object' && value !== null) return 'lists'
    texts.push(value)
  }
  return texts
}

// Of two who make the same table at once DuckDB refuses one; on Snowflake one comes after the other.
async function unlessConflict<T>(define: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await define()
    } catch (error) {
      if (attempt === 10 || !(error instanceof Error && error.message.includes('write-write conflict'))) throw error
      await sleep(5 * attempt)
    }
  }
}
