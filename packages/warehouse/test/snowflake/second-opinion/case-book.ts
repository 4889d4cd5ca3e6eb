import { deepEqual } from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { openDuckDb, rowsOf } from '@martlet/warehouse'
import type { ColumnBatch, Warehouse } from '@martlet/warehouse'
import { SnowflakeDouble } from '../double/double.ts'
import type { RanStatement } from '../double/double.ts'
import { StatementError } from '../double/statement-error.ts'
import { openDouble } from '../double/open-double.ts'
import { withPortableAsof } from './portable-asof.ts'

/** Where to leave the cases for other people's Snowflake: `MARTLET_SNOWFLAKE_CASES=<folder> npx vitest run second-opinion`. */
const folder = process.env['MARTLET_SNOWFLAKE_CASES'] ?? ''

interface CaseStatement {
  readonly session: number
  readonly sql: string
  /** As the driver sent them: texts, or for many rows a list of texts for each `?`. */
  readonly binds: readonly (string | null | readonly (string | null)[])[]
  readonly kind: 'rows' | 'changes' | 'done'
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/** What a scenario reads; it is compared between the engines. */
export type Scenario = (warehouse: Warehouse) => Promise<readonly ColumnBatch[]>

/**
 * Runs scenarios on DuckDB and, through the real SDK, on the double, demands equal answers, and keeps what the driver sent and what
 * was answered, so that fakesnow can be asked the same. The double is shared by the scenarios of one book, in their order.
 */
export class CaseBook {
  readonly #suite: string
  readonly #double: SnowflakeDouble
  readonly #warehouse: Warehouse
  readonly #cases: { readonly name: string; readonly statements: readonly CaseStatement[] }[] = []
  readonly #sessions = new Map<object, number>()
  #current: CaseStatement[] = []

  private constructor(suite: string, double: SnowflakeDouble, warehouse: Warehouse) {
    this.#suite = suite
    this.#double = double
    this.#warehouse = warehouse
    double.ran = (statement) => this.#keep(statement)
  }

  static async open(suite: string): Promise<CaseBook> {
    const double = await SnowflakeDouble.start()
    return new CaseBook(suite, double, await openDouble(double))
  }

  /** How many statements were kept. `asof` leaves ASOF joins as they are instead of in their portable form. */
  async record(name: string, scenario: Scenario, { asof = false }: { readonly asof?: boolean } = {}): Promise<number> {
    this.#current = []
    const found = await scenario(asof ? this.#warehouse : withPortableAsof(this.#warehouse))
    this.#cases.push({ name: `${this.#suite}/${name}`, statements: this.#current })
    await using duckdb = await openDuckDb()
    const expected = await scenario(duckdb)
    deepEqual(found.length, expected.length)
    for (const [index, batch] of found.entries()) expectSameRows(batch, expected[index], `${name}, result ${index + 1}`)
    return this.#current.length
  }

  async close(): Promise<void> {
    await this.#warehouse.close()
    await this.#double.stop()
    if (folder === '') return
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `${this.#suite}.json`), `${JSON.stringify(this.#cases, null, 1)}\n`)
  }

  #keep({ session, sql, binds, answer }: RanStatement): void {
    if (answer instanceof StatementError)
      throw new Error(
        `${this.#suite}: a scenario holds only statements that succeed, but ${sql.slice(0, 200)} failed with ${answer.message}`,
      )
    const number = this.#sessions.get(session) ?? this.#sessions.size + 1
    this.#sessions.set(session, number)
    const kind = answer.statementTypeId === 0x1000 ? 'rows' : answer.statementTypeId < 0x6000 ? 'changes' : 'done'
    this.#current.push({
      session: number,
      sql,
      binds: binds.map(({ value }) => value),
      kind,
      columns: answer.columns.map((column) => ({ name: column.name, type: column.type })),
      rows: kind === 'done' ? [] : answer.parts.flatMap((part) => part.texts()),
    })
  }
}

/**
 * Sums of doubles may differ in their last digits, since nothing says in which order an engine adds: a relative 1e-12
 * is 4 digits above double rounding.
 */
function expectSameRows(found: ColumnBatch, expected: ColumnBatch | undefined, where: string): void {
  if (expected === undefined) throw new Error(`${where} is not there on DuckDB`)
  deepEqual(found.names, expected.names, where)
  deepEqual(found.rows, expected.rows, where)
  const [rows, wanted] = [rowsOf(found), rowsOf(expected)]
  for (const [at, row] of rows.entries()) {
    for (const [name, value] of Object.entries(row)) {
      const [one, other] = sameKind(value, wanted[at]?.[name])
      const near =
        typeof one === 'number' &&
        typeof other === 'number' &&
        !Number.isInteger(other) &&
        Math.abs(one - other) <= 1e-12 * Math.abs(other)
      if (!near && !Object.is(one, other))
        throw new Error(`${where}, row ${at}: ${name} is ${String(one)} on the double and ${String(other)} on DuckDB`)
    }
  }
}

// The same whole number may be an integer on one engine, a bigint on the other, and a double where the sum was wide. -0 is 0 in SQL.
function sameKind(one: unknown, other: unknown): readonly [unknown, unknown] {
  const whole = (value: unknown): unknown =>
    typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value
  const plain = (value: unknown): unknown => (value instanceof Date ? value.toISOString() : whole(value))
  return [plain(one), plain(other)]
}
