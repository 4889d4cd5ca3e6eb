import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Answer, ResultColumn } from './answers.ts'
import { rewrite } from './rewrite.ts'
import type { BoundTexts } from './rewrite.ts'
import { STAGED_ROWS } from './stage-statements.ts'
import type { StageStatement } from './stage-statements.ts'
import { Refused } from './tokens.ts'

/** Rows of one unloaded file: few, so that results have several. */
const FILE_ROWS = 100_000
/** What a file may hold whose columns are read as VARIANT: kinds that come out of it as they went in. */
const EXACT: ReadonlySet<string> = new Set(['BOOLEAN', 'INTEGER', 'BIGINT', 'VARCHAR'])

/** The user's stage as a folder, which the SDK's own file agent copies to and from (LOCAL_FS). */
export class Stages {
  #made: string | undefined
  /** Snowflake does not load a file of the same name twice into a table. */
  readonly #loaded = new Set<string>()
  #unloads = 0

  /** The files that are there, as paths of this machine, for tests to look at and to spoil. */
  get files(): readonly string[] {
    return this.#under('')
  }

  dispose(): void {
    if (this.#made !== undefined) rmSync(this.#made, { recursive: true, force: true })
  }

  async run(statement: StageStatement, connection: DuckDBConnection, texts: BoundTexts): Promise<Answer> {
    const { folder } = statement
    const location = join(this.#root, folder)
    switch (statement.kind) {
      case 'put':
        return transfer({
          command: 'UPLOAD',
          src_locations: [statement.file],
          autoCompress: false,
          sourceCompression: 'auto_detect',
          parallel: 4,
          overwrite: true,
          stageInfo: { locationType: 'LOCAL_FS', location },
        })
      case 'get':
        return transfer({
          command: 'DOWNLOAD',
          src_locations: this.#under(folder).map((file) => relative(location, file)),
          localLocation: statement.into,
          parallel: 4,
          stageInfo: { locationType: 'LOCAL_FS', location },
        })
      case 'remove': {
        const files = this.#under(folder)
        for (const file of files) unlinkSync(file)
        rmSync(location, { recursive: true, force: true })
        return table(
          ['name', 'result'],
          files.map((file) => [relative(this.#root, file), 'removed']),
        )
      }
      case 'list':
        return table(
          ['name', 'size', 'md5', 'last_modified'],
          this.#under(folder).map((file) => [relative(this.#root, file), String(statSync(file).size), '', '']),
        )
      case 'load':
        return this.#load(statement, connection)
      case 'unload':
        return this.#unload(statement.query, location, connection, texts)
    }
  }

  async #load(
    { table: into, insert, folder }: Extract<StageStatement, { readonly kind: 'load' }>,
    connection: DuckDBConnection,
  ): Promise<Answer> {
    const files = this.#under(folder).filter((file) => !this.#loaded.has(`${into} ${file}`))
    if (files.length === 0) return table(['status'], [['Copy executed with 0 files processed.']])
    const list = `[${files.map(literal).join(', ')}]`
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${list})`)
    for (const [name, type] of described.getRows())
      if (!EXACT.has(String(type))) throw new Refused(`a staged file whose column ${String(name)} is ${String(type)}`)
    const { sql } = rewrite(insert, [])
    await connection.run(sql.replace(STAGED_ROWS, `read_parquet(${list})`))
    for (const file of files) this.#loaded.add(`${into} ${file}`)
    const counts = await connection.runAndReadAll(`SELECT file_name, num_rows FROM parquet_file_metadata(${list})`)
    const rows = counts
      .getRows()
      .map(([file, count]) => [
        relative(this.#root, String(file)),
        'LOADED',
        String(count),
        String(count),
        '1',
        '0',
        null,
        null,
        null,
        null,
      ])
    return table(
      [
        'file',
        'status',
        'rows_parsed',
        'rows_loaded',
        'error_limit',
        'errors_seen',
        'first_error',
        'first_error_line',
        'first_error_character',
        'first_error_column_name',
      ],
      rows,
    )
  }

  // Each file has the narrowest types that hold its own values, as Snowflake's files have by default.
  async #unload(query: string, location: string, connection: DuckDBConnection, texts: BoundTexts): Promise<Answer> {
    if (this.#under(relative(this.#root, location)).length > 0)
      throw new Refused('an unload into a folder that holds files')
    const rows = `SF_UNLOAD_${++this.#unloads}`
    await connection.run(`CREATE TEMP TABLE ${rows} AS ${rewrite(query, texts).sql}`)
    try {
      const [[total = 0n] = []] = (await connection.runAndReadAll(`SELECT COUNT(*) FROM ${rows}`)).getRows()
      const columns = (await connection.runAndReadAll(`DESCRIBE ${rows}`))
        .getRows()
        .map(([name, type]) => ({ name: quoted(String(name)), type: String(type) }))
      const other = columns.find(
        ({ type }) => !/^(?:BOOLEAN|INTEGER|BIGINT|HUGEINT|DECIMAL.*|DOUBLE|VARCHAR|DATE)$/.test(type),
      )
      if (other !== undefined)
        throw new Refused(`an unload of a ${other.type}: timestamps are unloaded as whole numbers`)
      if (Number(total) > 0) mkdirSync(location, { recursive: true })
      let bytes = 0
      for (let from = 0; from < Number(total); from += FILE_ROWS) {
        const part = `FROM ${rows} WHERE rowid >= ${from} AND rowid < ${from + FILE_ROWS}`
        const wholes = columns.filter(({ type }) => /^(?:BIGINT|HUGEINT)$/.test(type))
        const small =
          wholes.length === 0
            ? []
            : (
                await connection.runAndReadAll(
                  `SELECT ${wholes
                    .map(({ name }) => `COALESCE(BOOL_AND(${name} BETWEEN -2147483648 AND 2147483647), TRUE)`)
                    .join(', ')} ${part}`,
                )
              ).getRows()[0]!
        const list = columns.map(({ name, type }) => {
          const whole = wholes.findIndex((one) => one.name === name)
          if (whole >= 0)
            return `CAST(${name} AS ${small[whole] === true ? 'INTEGER' : type === 'HUGEINT' ? 'DECIMAL(38, 0)' : 'BIGINT'}) AS ${name}`
          return name
        })
        const file = join(location, `data_${from / FILE_ROWS}_0_0.snappy.parquet`)
        await connection.run(
          `COPY (SELECT ${list.join(', ')} ${part}) TO ${literal(file)} (FORMAT parquet, COMPRESSION snappy)`,
        )
        bytes += statSync(file).size
      }
      return table(['rows_unloaded', 'input_bytes', 'output_bytes'], [[String(total), String(bytes), String(bytes)]])
    } finally {
      await connection.run(`DROP TABLE ${rows}`).catch(() => undefined)
    }
  }

  // Made when the first file comes, for most doubles see none.
  get #root(): string {
    this.#made ??= mkdtempSync(join(tmpdir(), 'double-stage-'))
    return this.#made
  }

  #under(folder: string): string[] {
    if (this.#made === undefined) return []
    const found = readdirSync(this.#root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    return found
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => relative(this.#root, file).startsWith(folder))
      .toSorted()
  }
}

const WHOLE: ReadonlySet<string> = new Set([
  'size',
  'rows_parsed',
  'rows_loaded',
  'error_limit',
  'errors_seen',
  'first_error_line',
  'first_error_character',
  'rows_unloaded',
  'input_bytes',
  'output_bytes',
])

function table(names: readonly string[], rows: readonly (readonly (string | null)[])[]): Answer {
  const columns = names.map((name): ResultColumn =>
    WHOLE.has(name)
      ? { name, type: 'fixed', precision: 38, scale: 0, nullable: true }
      : { name, type: 'text', precision: null, scale: null, nullable: true },
  )
  return { columns, parts: [{ rows: rows.length, texts: () => rows }], statementTypeId: 0x1000 }
}

function transfer(files: Readonly<Record<string, unknown>>): Answer {
  return { ...table(['status'], []), transfer: files }
}

function literal(path: string): string {
  return `'${path.replaceAll("'", "''")}'`
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
