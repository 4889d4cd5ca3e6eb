import { nameIn, type OnlineVectors } from '@martlet/feature-store'
import type { ColumnType } from '@martlet/warehouse'
import { columnReader, type ColumnReader, type GivenColumns } from '../../desk/features/asked-columns.ts'
import { isoInstant } from '../../desk/features/instant.ts'
import type { PreparedRead } from '../../desk/features/prepared-read.ts'
import type { JsonBytes } from '../../desk/json/json-bytes.ts'
import type { Limits } from '../../desk/limits.ts'
import { Problem } from '../../desk/problem.ts'
import { isMissing, writeCell, writeDouble } from './cell-writer.ts'
import { entityValue } from './entity-value.ts'

/** Some rows of an answer, in the order of the request. */
export interface PartOfRows {
  readonly vectors: OnlineVectors
  readonly rows: number
}

/** Writes the answers of one read by column. Prepared once per read and naming. */
export interface ColumnAnswer {
  readonly read: PreparedRead
  /** The fields of the read in the order of the answer; undefined: as they stand. */
  readonly places: readonly number[] | undefined
  readonly columns: ColumnReader
  /** Columns of features. */
  readonly width: number
  /** The names, and the columns of keys. */
  writeHead(out: JsonBytes, entities: GivenColumns, rows: number): void
  writeColumn(out: JsonBytes, column: number, parts: readonly PartOfRows[]): void
  writeTail(out: JsonBytes): void
  count(vectors: OnlineVectors, rows: number, now: bigint): void
}

/** Gives the writer of a read, which is made on first use and kept as long as the read. */
export function columnAnswers(
  limits: Limits,
): (read: PreparedRead, places: readonly number[] | undefined, fullNames: boolean) => ColumnAnswer {
  const full = new WeakMap<PreparedRead, ColumnAnswer>()
  const bare = new WeakMap<PreparedRead, ColumnAnswer>()
  return (read, places, fullNames) => {
    const known = fullNames ? full : bare
    const found = known.get(read)
    if (found !== undefined) return found
    const made = columnAnswer(read, places, fullNames, limits)
    known.set(read, made)
    return made
  }
}

const PRESENT = '"PRESENT"'
const EPOCH = '"1970-01-01T00:00:00Z"'

function columnAnswer(
  read: PreparedRead,
  places: readonly number[] | undefined,
  fullNames: boolean,
  limits: Limits,
): ColumnAnswer {
  const columns = columnReader(read, { place: 'entities', limits, jsonOf: entityValue })
  const viewOf = new Map(read.plan.views.map((view, index) => [nameIn(view), index]))
  const ordered = (places ?? [...read.fields.keys()]).flatMap((place) => {
    const field = read.fields[place]
    return field === undefined ? [] : [{ ...field, place, viewIndex: viewOf.get(field.view) }]
  })
  const names = [
    ...columns.keys.map(({ name }) => name),
    ...ordered.map(({ name, feature }) => (fullNames ? name : feature)),
  ]
  refuseCollision(names)
  const head = `{"metadata":{"feature_names":${JSON.stringify(names)}},"results":[`

  function writeStatuses(out: JsonBytes, place: number, type: ColumnType, parts: readonly PartOfRows[]): void {
    let first = true
    for (const { vectors, rows } of parts)
      for (let row = 0; row < rows; row++) {
        const status = vectors.status(row, place)
        const isNull = status === 'PRESENT' && isMissing(vectors.value(row, place), type)
        out.json(`${first ? '' : ','}"${isNull ? 'NULL_VALUE' : status}"`)
        first = false
      }
  }

  return {
    read,
    places,
    columns,
    width: ordered.length,
    writeHead(out, entities, rows) {
      out.json(head)
      const statuses = listOf(PRESENT, rows)
      const times = listOf(EPOCH, rows)
      for (const [index, { name, type }] of columns.keys.entries()) {
        out.json(index === 0 ? '{"values":[' : ',{"values":[')
        writeKeys(out, type, entities[name])
        out.json(`],"statuses":[${statuses}],"event_timestamps":[${times}]}`)
      }
    },
    writeColumn(out, column, parts) {
      const field = ordered[column]
      if (field === undefined) return
      const { place, type, viewIndex } = field
      out.json(column === 0 && columns.keys.length === 0 ? '{"values":[' : ',{"values":[')
      let first = true
      for (const { vectors, rows } of parts)
        for (let row = 0; row < rows; row++) {
          if (!first) out.json(',')
          first = false
          writeCell(out, vectors.value(row, place), type)
        }
      out.json('],"statuses":[')
      writeStatuses(out, place, type, parts)
      out.json('],"event_timestamps":[')
      writeTimes(out, viewIndex, parts)
      out.json(']}')
    },
    writeTail: (out) => out.json(']}'),
    count(vectors, rows, now) {
      for (let row = 0; row < rows; row++) read.writer.count(vectors, row, now)
    },
  }
}

function listOf(text: string, count: number): string {
  return count === 0 ? '' : text + `,${text}`.repeat(count - 1)
}

/** When each row's features are of; what is computed on demand and what is not there has the epoch, as in Feast. */
function writeTimes(out: JsonBytes, view: number | undefined, parts: readonly PartOfRows[]): void {
  let last: bigint | undefined
  let text = EPOCH
  let first = true
  for (const { vectors, rows } of parts)
    for (let row = 0; row < rows; row++) {
      const time = view === undefined ? undefined : vectors.featureTime(row, view)
      if (time !== last) {
        last = time
        text = time === undefined ? EPOCH : `"${isoInstant(time)}"`
      }
      if (!first) out.json(',')
      first = false
      out.json(text)
    }
}

/** Keys as they were sent, so that rows can be joined on them again; but whole numbers as such, and doubles with their point. */
function writeKeys(out: JsonBytes, type: ColumnType, values: unknown): void {
  for (const [index, value] of (Array.isArray(values) ? values : []).entries()) {
    if (index > 0) out.json(',')
    const json = typeof type === 'object' ? value : entityValue(type, value)
    if (type === 'double' && typeof json === 'number') writeDouble(out, json)
    else if (type === 'bigint' || type === 'integer') out.json(String(BigInt(String(json))))
    else if (typeof value === 'string') out.string(value)
    else out.json(String(value))
  }
}

/** Two columns of one name could not be told apart by clients, which go by names. */
function refuseCollision(names: readonly string[]): void {
  const seen = new Set<string>()
  const name = names.find((one) => seen.size === seen.add(one).size)
  if (name === undefined) return
  const detail = `Two columns of the answer are called ${name}. Set full_feature_names to true, or ask for fewer features.`
  throw new Problem(400, 'FEATURE_NAMES_COLLIDE', detail, { path: 'features' })
}
