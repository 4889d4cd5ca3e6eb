import type { Json, JsonObject } from './wire/exact-json.ts'
import { wholeOf } from './wire/numbers.ts'

/**
 * Where changes are ordered by: the log of the database (`source`), the number of a transaction in its GTID (`gtid`: for
 * MariaDB, or MySQL whose primary never moves), or the order in which they arrived.
 */
export type PositionBy = 'source' | 'gtid' | 'arrival'

/** A place in a log as text that sorts like the log, or what is missing. */
export type Position = { readonly order: string } | { readonly missing: string }

/** The place of a change by what its `source` says. Texts of one connector sort like its log. */
export function positionOf(source: JsonObject, by: PositionBy, arrival: bigint): Position {
  if (by === 'arrival') return { order: digits(arrival, 20) }
  const place = by === 'gtid' ? gtidPlace(source) : logPlace(source)
  // What was read from the table at a place comes before what happened there.
  return 'missing' in place ? place : { order: `${place.order}.${isSnapshot(source) ? 0 : 1}` }
}

/** Whether a change is a row that was read, rather than something that happened. */
export function isSnapshot(source: JsonObject): boolean {
  const { snapshot } = source
  return snapshot === true || (typeof snapshot === 'string' && snapshot !== 'false')
}

function logPlace(source: JsonObject): Position {
  const connector = typeof source['connector'] === 'string' ? source['connector'] : connectorOf(source)
  switch (connector) {
    case 'postgresql':
      return postgres(source)
    case 'mysql':
    case 'mariadb':
      return binlog(source)
    case 'sqlserver':
      return sqlServer(source)
    default:
      return {
        missing:
          connector === undefined
            ? "its place in the database's log; add lsn, or file, pos and row, or commit_lsn and change_lsn, or order by position: 'arrival'"
            : `a connector whose log is known (postgresql, mysql, mariadb, sqlserver), and ${connector} is none; order by position: 'arrival'`,
      }
  }
}

/** Flattened rows need not name their connector: its fields do. */
function connectorOf(source: JsonObject): string | undefined {
  if (source['lsn'] !== undefined || source['sequence'] !== undefined) return 'postgresql'
  if (source['file'] !== undefined) return 'mysql'
  return source['commit_lsn'] === undefined ? undefined : 'sqlserver'
}

/** Locks make the changes of one row and the truncations of its table follow each other, so their LSNs do too. */
function postgres({ lsn, sequence }: JsonObject): Position {
  const given = number(lsn) ?? number(lastOf(sequence))
  return given === undefined ? { missing: 'source.lsn' } : { order: digits(given, 20) }
}

/** `sequence` is JSON in a text: the LSN of the last commit and that of the change. */
function lastOf(sequence: Json | undefined): Json | undefined {
  if (typeof sequence !== 'string') return undefined
  return /"(\d+)"\s*\]$/.exec(sequence)?.[1]
}

function binlog({ file, pos, row }: JsonObject): Position {
  const part = typeof file === 'string' ? /\.(\d+)$/.exec(file)?.[1] : undefined
  const offset = number(pos)
  if (part === undefined || offset === undefined) return { missing: 'source.file and source.pos' }
  return { order: `${digits(BigInt(part), 10)}.${digits(offset, 20)}.${digits(number(row) ?? 0n, 10)}` }
}

/** `server:number`, `server:tag:number` or MariaDB's `domain-server-number`. */
function gtidPlace(source: JsonObject): Position {
  const { gtid, pos, row } = source
  const part = typeof gtid === 'string' ? /[:-](\d+)$/.exec(gtid)?.[1] : undefined
  if (part === undefined && !isSnapshot(source)) return { missing: 'source.gtid' }
  return { order: `${digits(BigInt(part ?? 0), 20)}.${digits(number(pos) ?? 0n, 20)}.${digits(number(row) ?? 0n, 10)}` }
}

function sqlServer({ commit_lsn: commit, change_lsn: change, event_serial_no: serial }: JsonObject): Position {
  const committed = lsnText(commit)
  if (committed === undefined) return { missing: 'source.commit_lsn' }
  const changed = lsnText(change) ?? '00000000:00000000:0000'
  return { order: `${committed}.${changed}.${digits(number(serial) ?? 0n, 10)}` }
}

function lsnText(value: Json | undefined): string | undefined {
  return typeof value === 'string' && /^[0-9a-fA-F]{8}:[0-9a-fA-F]{8}:[0-9a-fA-F]{4}$/.test(value)
    ? value.toLowerCase()
    : undefined
}

/** A whole number, also as text, which headers and added fields are. */
function number(value: Json | undefined): bigint | undefined {
  if (typeof value === 'string' && /^\d{1,20}$/.test(value)) return BigInt(value)
  const whole = value === undefined ? undefined : wholeOf(value)
  return whole !== undefined && whole >= 0n ? whole : undefined
}

function digits(value: bigint, length: number): string {
  return String(value).padStart(length, '0')
}
