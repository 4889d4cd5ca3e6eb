import { readdirSync, readFileSync } from 'node:fs'
import type { ColumnType } from '@martlet/warehouse'
import type { Change, ReadChange } from '../../../src/ingest/change/change.ts'
import type { ChangeFormat, ChangePlan } from '../../../src/ingest/change/change-plan.ts'
import { changeReader } from '../../../src/ingest/change/read-changes.ts'
import type { SourceColumn } from '../../../src/plan/source-plan.ts'
import type { Value } from '../../../src/vocabulary/algebra/value.ts'

/** One message of the corpus, and what it must be read as. */
export interface Case {
  readonly file: string
  readonly about: string
  readonly plan: ChangePlan
  readonly message: string
  readonly key: string | undefined
  readonly expect: unknown
}

export const ENVELOPES: ChangeFormat = {
  flattened: null,
  prefix: '__',
  position: 'source',
  table: null,
  columns: {},
  unavailable: '__debezium_unavailable_value',
}

/** Every message came as the 17th, when 2026 began. */
const ARRIVAL = { position: 17n, at: 1_767_225_600_000_000n }

export function corpus(): readonly Case[] {
  const folder = `${import.meta.dirname}/corpus`
  return readdirSync(folder)
    .toSorted()
    .flatMap((file) =>
      readFileSync(`${folder}/${file}`, 'utf8')
        .split(/^## /m)
        .slice(1)
        .map((text) => caseOf(file, text)),
    )
}

function caseOf(file: string, text: string): Case {
  const [about = '', ...lines] = text.trimEnd().split('\n')
  const part = (name: string): string | undefined =>
    lines
      .find((line) => line.startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim()
  return {
    file,
    about,
    plan: planOf(part('columns') ?? '', part('format') ?? '{}'),
    message: part('message') ?? '',
    key: part('key'),
    expect: JSON.parse(part('expect') ?? ''),
  }
}

/** Columns are written as `id integer; note text?`: the first one is the key, or those that `key1` and `key2` mark. */
function planOf(text: string, format: string): ChangePlan {
  const keys: [string, string][] = []
  const columns = text.split(';').map((given): SourceColumn => {
    const [name = '', type = '', ...rest] = given.trim().split(' ')
    const mark = rest.find((word) => word.startsWith('key'))
    if (mark !== undefined) keys.push([mark, name])
    const least = rest[rest.indexOf('min') + 1]
    const checks = rest.includes('min') ? [{ kind: 'range', min: Number(least) } as const] : []
    return { name, type: typeOf(type.replace('?', '')), nullable: type.endsWith('?'), checks }
  })
  const key = keys.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, name]) => name)
  const declared = JSON.parse(format) as Partial<ChangeFormat>
  const wire = Object.entries(declared.columns ?? {}).map(([name, type]) => [
    name,
    typeof type === 'string' ? { type } : type,
  ])
  return {
    name: 'customers',
    key: key.length > 0 ? key : [columns[0]?.name ?? ''],
    columns,
    format: { ...ENVELOPES, ...declared, columns: Object.fromEntries(wire) },
  }
}

function typeOf(text: string): ColumnType {
  const decimal = /^decimal\((\d+),(\d+)\)$/.exec(text)
  return decimal === null ? (text as ColumnType) : { decimal: [Number(decimal[1]), Number(decimal[2])] }
}

/** What a message was read as, in the words of the corpus. */
export function readCase({ plan, message, key }: Case): unknown {
  return printed(plan, changeReader(plan)(message, ARRIVAL, key))
}

function printed(plan: ChangePlan, read: ReadChange): unknown {
  if (read.kind === 'skipped') return { skipped: read.why }
  if (read.kind === 'rejected') return { rejected: read.faults.map(({ path }) => path) }
  return { changes: read.changes.map((change) => printedChange(plan, change)) }
}

function printedChange({ key, columns }: ChangePlan, change: Change): unknown {
  const typeNamed = (name: string | undefined): ColumnType =>
    columns.find((column) => column.name === name)?.type ?? 'text'
  return {
    op: change.op,
    key: change.key.map((value, index) => textOf(value, typeNamed(key[index]))),
    order: change.order,
    at: textOf(change.at, 'timestamp'),
    ...(change.values === undefined
      ? {}
      : {
          values: Object.fromEntries(
            columns.map(({ name, type }, index) => [name, textOf(change.values?.[index] ?? null, type)]),
          ),
        }),
    ...(change.unchanged.length === 0 ? {} : { unchanged: change.unchanged.map((index) => columns[index]?.name) }),
  }
}

/** A value with every digit that its column has. */
function textOf(value: Value, type: ColumnType): string | null {
  if (value === null) return null
  if (typeof value !== 'bigint') return String(value)
  if (typeof type === 'object') {
    const [, scale] = type.decimal
    const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0')
    const point = digits.length - scale
    return `${value < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`
  }
  if (type !== 'timestamp' && type !== 'date') return String(value)
  const micros = ((value % 1_000_000n) + 1_000_000n) % 1_000_000n
  const seconds = new Date(Number((value - micros) / 1000n)).toISOString().slice(0, 19)
  if (type === 'date') return seconds.slice(0, 10)
  return micros === 0n ? `${seconds}Z` : `${seconds}.${String(micros).padStart(6, '0').replace(/0+$/, '')}Z`
}
