import type { ChangeTables } from '../../../src/ingest/change/apply/change-tables.ts'
import type { ChangePlan } from '../../../src/ingest/change/change-plan.ts'
import type { SourceColumn } from '../../../src/plan/source-plan.ts'
import { ENVELOPES } from './corpus.ts'

const column = (name: string, type: SourceColumn['type'], nullable = true): SourceColumn => ({
  name,
  type,
  nullable,
  checks: [],
})

export const COLUMNS: readonly SourceColumn[] = [
  column('id', 'bigint', false),
  column('tier', 'text'),
  column('balance', { decimal: [12, 2] }),
  column('note', 'text'),
  column('bio', 'text', false),
]

export const PLAN: ChangePlan = {
  name: 'customers',
  key: ['id'],
  columns: COLUMNS,
  format: { ...ENVELOPES, columns: { balance: { type: 'Decimal' } } },
}

/** The tables of a source in schemas of their own, so that several can be compared. */
export function tablesOf(
  name: string,
  deleted: ChangeTables['current']['deleted'] = null,
  committed: string | null = null,
): ChangeTables {
  const more = [
    ...(committed === null ? [] : [column(committed, 'timestamp')]),
    ...(deleted === null ? [] : [column(deleted.name, deleted.type)]),
  ]
  const ends = [column('valid_from', 'timestamp', false), column('valid_to', 'timestamp')]
  return {
    log: `${name}.customers_changes`,
    key: ['id'],
    columns: COLUMNS,
    current: { table: `${name}.customers`, columns: [...COLUMNS, ...more], committed, deleted },
    history: {
      table: `${name}.dim_customer`,
      columns: [...COLUMNS, ...ends],
      validFrom: 'valid_from',
      validTo: 'valid_to',
    },
  }
}

/** A row as a database has it. */
export interface Row {
  readonly tier: string | null
  readonly balance: number | null
  readonly note: string | null
  readonly bio: string
}

/** What happened in a database, in its order. `bio` is large: updates that do not change it leave it out. */
export interface Happened {
  readonly op: 'c' | 'u' | 'd' | 'r' | 't'
  readonly id: number
  readonly row: Row | null
  readonly bioSent: boolean
  readonly lsn: number
  /** Milliseconds since the epoch; several may have one, and clocks may go back. */
  readonly ms: number
}

const START = Date.UTC(2026, 0, 1)

/** A log of a database with four rows, which no other log has: everything that a connector may see of them. */
export function logOf(random: () => number, length: number, truncations: boolean, number: number): readonly Happened[] {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const rows = new Map<number, Row>()
  const log: Happened[] = []
  let lsn = 100 + Math.floor(random() * 1_000)
  let ms = START
  const value = (): Row => ({
    tier: pick(['basic', 'plus', null]),
    balance: pick([null, 0, 12345, -1, 128, 999_999_999_999]),
    note: pick(['', 'x', null]),
    bio: pick(['long', 'longer', 'longest']),
  })
  while (log.length < length) {
    lsn += 1 + Math.floor(random() * 40)
    ms += pick([0, 0, 1, 1_000, 86_400_000, -500])
    const id = number * 4 + 1 + Math.floor(random() * 4)
    const old = rows.get(id)
    const happened = (op: Happened['op'], row: Row | null, bioSent = true): void => {
      log.push({ op, id, row, bioSent, lsn, ms })
    }
    if (truncations && random() < 0.03) {
      rows.clear()
      happened('t', null)
    } else if (old === undefined) {
      const row = value()
      rows.set(id, row)
      happened(log.length < 4 ? 'r' : 'c', row)
    } else if (random() < 0.2) {
      rows.delete(id)
      happened('d', null)
    } else if (random() < 0.1) {
      // A snapshot that is taken again reads what is there.
      happened('r', old)
    } else {
      const drawn = value()
      const row = random() < 0.3 ? old : random() < 0.5 ? { ...drawn, bio: old.bio } : drawn
      rows.set(id, row)
      happened('u', row, row.bio !== old.bio)
    }
  }
  return log
}

/** A message as a connector writes it. */
export function messageOf({ op, id, row, bioSent, lsn, ms }: Happened): string {
  const source = {
    connector: 'postgresql',
    snapshot: op === 'r' ? 'true' : 'false',
    lsn,
    ts_ms: ms,
    table: 'customers',
  }
  const after =
    row === null
      ? null
      : { id, ...row, balance: base64(row.balance), bio: bioSent ? row.bio : '__debezium_unavailable_value' }
  const before = op === 'd' ? { id, tier: null, balance: null, note: null, bio: null } : null
  return JSON.stringify({ before, after, source, op, ts_ms: ms + 7 })
}

function base64(units: number | null): string | null {
  if (units === null) return null
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(units))
  return bytes.toString('base64')
}

/** What the tables must be after a log, by a walk through it. */
export function walked(log: readonly Happened[]): {
  readonly current: readonly string[]
  readonly history: readonly string[]
} {
  const open = new Map<number, { row: Row; from: number }>()
  const history: { id: number; row: Row; from: number; to: number | null }[] = []
  const clocks = new Map<number, number>()
  const ids = [...new Set(log.flatMap((one) => (one.op === 't' ? [] : [one.id])))]
  const close = (id: number, at: number): void => {
    const held = open.get(id)
    if (held !== undefined && held.from < at) history.push({ id, row: held.row, from: held.from, to: at })
    open.delete(id)
  }
  for (const { op, id, row, ms } of log) {
    // What is inserted after a truncation, by the log, does not begin before it, whatever the clock says.
    for (const one of op === 't' ? ids : [id]) {
      const at = Math.max(ms, clocks.get(one) ?? -Infinity)
      clocks.set(one, at)
      if (row === null) close(one, at)
      else if (JSON.stringify(open.get(one)?.row) !== JSON.stringify(row)) {
        close(one, at)
        open.set(one, { row, from: at })
      }
    }
  }
  for (const [id, { row, from }] of open) history.push({ id, row, from, to: null })
  return {
    current: [...open].map(([id, { row }]) => textOf(id, row)).toSorted(),
    history: merged(history)
      .map(({ id, row, from, to }) => `${textOf(id, row)} ${instant(from)} ${to === null ? 'open' : instant(to)}`)
      .toSorted(),
  }
}

/** Two intervals of equal values that meet are one: what was between them lasted no time. */
function merged<T extends { id: number; row: Row; from: number; to: number | null }>(
  given: readonly T[],
): readonly T[] {
  const sorted = given.toSorted((a, b) => a.id - b.id || a.from - b.from)
  const result: T[] = []
  for (const one of sorted) {
    const last = result.at(-1)
    const same = last?.id === one.id && last.to === one.from && JSON.stringify(last.row) === JSON.stringify(one.row)
    if (last !== undefined && same) result[result.length - 1] = { ...last, to: one.to }
    else result.push(one)
  }
  return result
}

function textOf(id: number, { tier, balance, note, bio }: Row): string {
  return [id, tier, balance === null ? null : balance / 100, note, bio].map((value) => JSON.stringify(value)).join(' ')
}

function instant(ms: number): string {
  return new Date(ms).toISOString()
}

/** A random order, with some repeated. */
export function shuffled<T>(random: () => number, given: readonly T[]): readonly T[] {
  const result = [...given, ...given.filter(() => random() < 0.3)]
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const [a, b] = [result[i] as T, result[j] as T]
    result[i] = b
    result[j] = a
  }
  return result
}

/** Parts of a list, in its order. */
export function parts<T>(random: () => number, given: readonly T[], most: number): readonly (readonly T[])[] {
  const cuts = Array.from({ length: Math.floor(random() * most) }, () => Math.floor(random() * given.length))
  const edges = [0, ...cuts.toSorted((a, b) => a - b), given.length]
  return edges.slice(1).map((to, index) => given.slice(edges[index], to))
}
