import {
  nameIn,
  vectorFields,
  type FeatureStatus,
  type FeatureValue,
  type OnlineVectors,
  type ServicePlan,
  type VectorField,
} from '@martlet/feature-store'
import type { DeskMetrics } from '../desk-metrics.ts'
import type { JsonBytes } from '../json/json-bytes.ts'
import { isInstant, isoInstant } from './instant.ts'
import { vectorCounts } from './vector-counts.ts'
import { gapFinder, statusOfGap, type FeaturePresence, type Gap } from './vector-gaps.ts'
import type { KeptAnswers } from './kept/kept-answers.ts'
import { KeptRows } from './kept/kept-rows.ts'
import { keptTimes } from './kept/kept-times.ts'
import type { RowMarks } from './row-marks.ts'
import { timeWriter } from './view-times.ts'

/** Writes the vectors of one service as JSON, from pieces that are prepared once, and counts statuses and ages. */
export interface VectorWriter {
  /** `"values":{…},"missing":{…},"times":{…}` of one row. */
  row(out: JsonBytes, vectors: OnlineVectors, row: number, now: bigint): void
  /** `"features":"all","missing":{…},"times":{…}` of one row. */
  notes(out: JsonBytes, vectors: OnlineVectors, row: number, now: bigint): void
  /** Counts one row that another writer writes. */
  count(vectors: OnlineVectors, row: number, now: bigint): void
  /** How much of one row is there. */
  presence(vectors: OnlineVectors, row: number): FeaturePresence
  /** Like `row`, without counting: for what is written about a request in addition to its answer. */
  again(out: JsonBytes, vectors: OnlineVectors, row: number, now: bigint): void
  /** Rows that were written before; undefined when none are kept. */
  readonly kept: KeptRows | undefined
  /** Counts rows that are neither looked for among those that are kept, nor kept. */
  passed(rows: number): void
  /** Adds what was counted since the last call to the metrics. */
  flush(metrics: DeskMetrics): void
}

interface FieldPart {
  readonly label: Uint8Array
  readonly type: VectorField['type']
  readonly name: string
  /** Whether a value may be what stands for a missing one. */
  readonly hasDefault: boolean
  /** Its entry in `missing` by status, made on first use: as the first entry and as a later one. */
  readonly missing: Map<FeatureStatus, readonly [first: Uint8Array, later: Uint8Array]>
}

const VALUES = Buffer.from('"values":{')
const PRESENCE_NOTES: Readonly<Record<FeaturePresence, Uint8Array>> = {
  all: Buffer.from('"features":"all","missing":{'),
  some: Buffer.from('"features":"some","missing":{'),
  none: Buffer.from('"features":"none","missing":{'),
}
const MISSING = Buffer.from('},"missing":{')
const TIMES = Buffer.from('},"times":{')
const END = Buffer.from('}')

export function vectorWriter(service: ServicePlan, keeping: KeptAnswers | undefined): VectorWriter {
  const fields = vectorFields(service).map(fieldPart)
  const viewLabels = service.views.map((read, index) => labelOf(nameIn(read), index))
  const looksUp = service.views.some(({ via }) => via !== undefined)
  const finder = gapFinder(service)
  const counts = vectorCounts(service)
  const writeTime = timeWriter()
  /** The gaps of the current row. */
  const gaps: Gap[] = []
  const marks: RowMarks = { times: 0, timesEnd: 0, gaps }
  const kept =
    keeping === undefined || service.onDemand !== undefined
      ? undefined
      : new KeptRows(keeping, viewLabels.length, counts, keptTimes(viewLabels, writeTime, counts.aged), marks)

  function findGaps(vectors: OnlineVectors, row: number): FeaturePresence {
    gaps.length = 0
    finder.find(vectors, row, gaps)
    return finder.presence(gaps)
  }

  function writeValues(out: JsonBytes, vectors: OnlineVectors, row: number): void {
    gaps.length = 0
    for (let field = 0; field < fields.length; field++) {
      const part = fields[field]
      if (part === undefined) continue
      out.raw(part.label)
      const value = vectors.value(row, field)
      const written = writeValue(out, value, part.type)
      if (!written || (part.hasDefault && vectors.status(row, field) !== 'PRESENT'))
        gaps.push({ field, status: statusOfGap(vectors, row, field) })
    }
  }

  function writeNotes(out: JsonBytes, vectors: OnlineVectors, row: number, now: bigint): void {
    for (const [index, { field, status }] of gaps.entries()) {
      const part = fields[field]
      if (part !== undefined) out.raw(missingPiece(part, status)[index === 0 ? 0 : 1])
    }
    out.raw(TIMES)
    marks.times = out.length
    for (let view = 0; view < viewLabels.length; view++) {
      const label = viewLabels[view]
      if (label === undefined) continue
      out.raw(label)
      writeTime(out, vectors.featureTime(row, view), now, vectors.closedAt(row, view))
    }
    marks.timesEnd = out.length
    out.raw(END)
    if (looksUp) writeUnresolved(out, vectors, row)
  }

  function writeUnresolved(out: JsonBytes, vectors: OnlineVectors, row: number): void {
    const found = service.views.flatMap((read, view) => {
      const reason = read.via === undefined ? undefined : vectors.unresolved(row, view)
      return reason === undefined ? [] : [[nameIn(read), reason] as const]
    })
    if (found.length > 0) out.json(`,"unresolved":${JSON.stringify(Object.fromEntries(found))}`)
  }

  function again(out: JsonBytes, vectors: OnlineVectors, row: number, now: bigint): void {
    out.raw(VALUES)
    writeValues(out, vectors, row)
    out.raw(MISSING)
    writeNotes(out, vectors, row, now)
  }

  return {
    again,
    row(out, vectors, row, now) {
      again(out, vectors, row, now)
      counts.count(vectors, row, now, gaps)
    },
    notes(out, vectors, row, now) {
      out.raw(PRESENCE_NOTES[findGaps(vectors, row)])
      writeNotes(out, vectors, row, now)
      counts.count(vectors, row, now, gaps)
    },
    count(vectors, row, now) {
      findGaps(vectors, row)
      counts.count(vectors, row, now, gaps)
    },
    presence: findGaps,
    kept,
    passed: counts.passed,
    flush(metrics) {
      counts.flush(metrics)
      kept?.flush(service.name, metrics)
    },
  }
}

function labelOf(name: string, index: number): Uint8Array {
  return Buffer.from(`${index === 0 ? '' : ','}${JSON.stringify(name)}:`)
}

function fieldPart({ name, type, default: given }: VectorField, index: number): FieldPart {
  const hasDefault = given !== undefined
  return { label: labelOf(name, index), type, name: JSON.stringify(name), hasDefault, missing: new Map() }
}

function missingPiece(
  { name, missing }: FieldPart,
  status: FeatureStatus,
): readonly [first: Uint8Array, later: Uint8Array] {
  const known = missing.get(status)
  if (known !== undefined) return known
  const piece = [Buffer.from(`${name}:"${status}"`), Buffer.from(`,${name}:"${status}"`)] as const
  missing.set(status, piece)
  return piece
}

const MICROS_PER_DAY = 86_400_000_000n

/** Writes a value; false when it is missing. */
function writeValue(out: JsonBytes, value: FeatureValue, type: VectorField['type']): boolean {
  if (typeof value !== 'number' || type === 'date' || !Number.isFinite(value)) return writeOther(out, value, type)
  out.number(value)
  return true
}

/** Writes a value that is not a finite number; false when it is missing. */
function writeOther(out: JsonBytes, value: FeatureValue, type: VectorField['type']): boolean {
  // A decimal comes as digits where a JavaScript number has too few; JSON has no such limit.
  if (typeof value === 'string' && typeof type === 'object') out.json(value)
  else if (typeof value === 'string') out.string(value)
  else if (typeof value === 'boolean') out.json(value ? 'true' : 'false')
  else if (typeof value === 'bigint' && type !== 'timestamp') out.json(value.toString())
  else if (typeof value === 'bigint' && isInstant(value)) out.json(`"${isoInstant(value)}"`)
  else if (typeof value === 'number' && Number.isFinite(value) && isInstant(BigInt(value) * MICROS_PER_DAY))
    out.json(`"${isoInstant(BigInt(value) * MICROS_PER_DAY).slice(0, 10)}"`)
  else {
    out.json('null')
    return false
  }
  return true
}
