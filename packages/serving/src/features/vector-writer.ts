import {
  vectorFields,
  type FeatureStatus,
  type FeatureValue,
  type OnlineVectors,
  type ServicePlan,
  type VectorField,
} from '@martlet/feature-store'
import type { ServingMetrics } from '../http/metrics.ts'
import { isInstant, isoInstant } from './instant.ts'
import type { JsonBytes } from './json-bytes.ts'

/** Writes what was read for one service as JSON, from pieces cut once, and counts statuses and ages on the way. */
export interface VectorWriter {
  /** `"values":{…},"missing":{…},"times":{…}` of one row. */
  row(out: JsonBytes, vectors: OnlineVectors, row: number, now: bigint): void
  /** `"features":"all","missing":{…},"times":{…}` of one row. */
  notes(out: JsonBytes, vectors: OnlineVectors, row: number, now: bigint): void
  /** How much of one row is there. */
  presence(vectors: OnlineVectors, row: number): FeaturePresence
  /** The same as `row`, without counting: for what is written about a request besides its answer. */
  again(out: JsonBytes, vectors: OnlineVectors, row: number, now: bigint): void
  /** Moves what was counted since the last call into the metrics. */
  flush(metrics: ServingMetrics): void
}

/** `none`: nothing is known of the entity, whatever a calendar says; `all`: no feature is missing. */
export type FeaturePresence = 'all' | 'some' | 'none'

interface ViewPart {
  readonly name: string
  readonly label: Uint8Array
  /** The fields from `from` up to `to` are this view's. */
  readonly from: number
  readonly to: number
}

interface FieldPart {
  readonly label: Uint8Array
  readonly type: VectorField['type']
  /** Whether an entity must be known for it to have a value: false for the features of a calendar. */
  readonly ofEntity: boolean
  readonly name: string
  /** What stands in `missing`, made when it is first met: by status, and whether something stands before it. */
  readonly missing: Map<FeatureStatus, readonly [first: Uint8Array, later: Uint8Array]>
}

const statuses: readonly FeatureStatus[] = ['PRESENT', 'NULL_VALUE', 'NOT_FOUND', 'OUTSIDE_MAX_AGE']
const values = Buffer.from('"values":{')
const presenceNotes: Readonly<Record<FeaturePresence, Uint8Array>> = {
  all: Buffer.from('"features":"all","missing":{'),
  some: Buffer.from('"features":"some","missing":{'),
  none: Buffer.from('"features":"none","missing":{'),
}
const missingNext = Buffer.from('},"missing":{')
const times = Buffer.from('},"times":{')
const end = Buffer.from('}')

export function vectorWriter(service: ServicePlan): VectorWriter {
  const everybody = new Set(
    service.views.filter(({ view }) => view.entity.keys.length === 0).map(({ view }) => view.name),
  )
  const fields = vectorFields(service).map((field, index) => fieldPart(field, index, !everybody.has(field.view)))
  const ofEntities = fields.filter(({ ofEntity }) => ofEntity).length
  let from = 0
  const views = service.views.map(({ view, features }, index): ViewPart => {
    const part = {
      name: view.name,
      label: Buffer.from(`${index === 0 ? '' : ','}${JSON.stringify(view.name)}:`),
      from,
      to: from + features.length,
    }
    from = part.to
    return part
  })
  const counts = views.map(() => ({ PRESENT: 0, NULL_VALUE: 0, NOT_FOUND: 0, OUTSIDE_MAX_AGE: 0 }))
  const oldest = views.map(() => -1)
  const timePiece = timePieces()
  let rows = 0
  /** Fields of the row at hand that are missing, and why. */
  const gaps: { readonly field: number; readonly status: FeatureStatus }[] = []

  function writeValues(out: JsonBytes, vectors: OnlineVectors, row: number): void {
    gaps.length = 0
    for (let field = 0; field < fields.length; field++) {
      const part = fields[field]
      if (part === undefined) continue
      out.raw(part.label)
      const value = vectors.value(row, field)
      if (typeof value === 'number' && part.type !== 'date' && Number.isFinite(value)) out.number(value)
      else if (!writeOther(out, value, part.type)) gaps.push({ field, status: statusOf(vectors, row, field) })
    }
  }

  function findGaps(vectors: OnlineVectors, row: number): void {
    gaps.length = 0
    for (let field = 0; field < fields.length; field++) {
      const value = vectors.value(row, field)
      if (
        value === null ||
        (typeof value === 'number' && !Number.isFinite(value)) ||
        (typeof value === 'bigint' && fields[field]?.type === 'timestamp' && !isInstant(value))
      )
        gaps.push({ field, status: statusOf(vectors, row, field) })
    }
  }

  function writeGaps(out: JsonBytes): void {
    for (const [index, { field, status }] of gaps.entries()) {
      const part = fields[field]
      if (part !== undefined) out.raw(missingPiece(part, status)[index === 0 ? 0 : 1])
    }
  }

  function writeTimes(out: JsonBytes, vectors: OnlineVectors, row: number, now: bigint): void {
    for (let view = 0; view < views.length; view++) {
      const part = views[view]
      if (part === undefined) continue
      out.raw(part.label)
      out.raw(timePiece(vectors.featureTime(row, view), now))
    }
    out.raw(end)
  }

  function count(vectors: OnlineVectors, row: number, now: bigint): void {
    rows++
    for (let view = 0; view < views.length; view++) {
      const part = views[view]
      const counted = counts[view]
      if (part === undefined || counted === undefined) continue
      counted.PRESENT += part.to - part.from
      const time = vectors.featureTime(row, view)
      if (time !== undefined) oldest[view] = Math.max(oldest[view] ?? -1, ageSeconds(time, now))
    }
    for (const { field, status } of gaps) {
      const counted = counts[views.findIndex((view) => field < view.to)]
      if (counted === undefined) continue
      counted.PRESENT--
      counted[status]++
    }
  }

  /** Of the gaps found last. */
  function presenceOfGaps(): FeaturePresence {
    if (gaps.length === 0) return 'all'
    let missingOfEntities = 0
    for (const { field } of gaps) if (fields[field]?.ofEntity === true) missingOfEntities++
    return missingOfEntities === ofEntities && ofEntities > 0 ? 'none' : 'some'
  }

  function again(out: JsonBytes, vectors: OnlineVectors, row: number, now: bigint): void {
    out.raw(values)
    writeValues(out, vectors, row)
    out.raw(missingNext)
    writeGaps(out)
    out.raw(times)
    writeTimes(out, vectors, row, now)
  }

  return {
    again,
    row(out, vectors, row, now) {
      again(out, vectors, row, now)
      count(vectors, row, now)
    },
    notes(out, vectors, row, now) {
      findGaps(vectors, row)
      out.raw(presenceNotes[presenceOfGaps()])
      writeGaps(out)
      out.raw(times)
      writeTimes(out, vectors, row, now)
      count(vectors, row, now)
    },
    presence(vectors, row) {
      findGaps(vectors, row)
      return presenceOfGaps()
    },
    flush(metrics) {
      if (rows === 0) return
      metrics.rows.inc({ service: service.name }, rows)
      rows = 0
      for (const [index, { name }] of views.entries()) {
        const counted = counts[index]
        if (counted === undefined) continue
        for (const status of statuses) {
          if (counted[status] > 0) metrics.statuses.inc({ view: name, status }, counted[status])
          counted[status] = 0
        }
        const age = oldest[index] ?? -1
        if (age >= 0) metrics.featureAge.set({ view: name }, age)
        oldest[index] = -1
      }
    },
  }
}

function fieldPart(field: VectorField, index: number, ofEntity: boolean): FieldPart {
  const name = JSON.stringify(field.name)
  return {
    label: Buffer.from(`${index === 0 ? '' : ','}${name}:`),
    type: field.type,
    ofEntity,
    name,
    missing: new Map(),
  }
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

/** A number that JSON cannot hold is stored, but as good as null. */
function statusOf(vectors: OnlineVectors, row: number, field: number): FeatureStatus {
  const status = vectors.status(row, field)
  return status === 'PRESENT' ? 'NULL_VALUE' : status
}

const day = 86_400_000_000n

/** Writes a value that is no finite number; false when it is missing. */
function writeOther(out: JsonBytes, value: FeatureValue, type: VectorField['type']): boolean {
  if (typeof value === 'string') out.string(value)
  else if (typeof value === 'boolean') out.json(value ? 'true' : 'false')
  else if (typeof value === 'bigint' && type !== 'timestamp') out.json(value.toString())
  else if (typeof value === 'bigint' && isInstant(value)) out.json(`"${isoInstant(value)}"`)
  else if (typeof value === 'number' && Number.isFinite(value) && isInstant(BigInt(value) * day))
    out.json(`"${isoInstant(BigInt(value) * day).slice(0, 10)}"`)
  else {
    out.json('null')
    return false
  }
  return true
}

function ageSeconds(time: bigint, now: bigint): number {
  return Math.round(Number(now - time) / 1000) / 1000
}

/** `{"time":…,"ageSeconds":…}`; the rows of one answer mostly share it, so the last one is kept. */
function timePieces(): (time: bigint | undefined, now: bigint) => Uint8Array {
  const none = Buffer.from('null')
  let lastTime = -1n
  let lastNow = -1n
  let last = none
  return (time, now) => {
    if (time === undefined) return none
    if (time !== lastTime || now !== lastNow) {
      last = Buffer.from(`{"time":"${isoInstant(time)}","ageSeconds":${ageSeconds(time, now)}}`)
      lastTime = time
      lastNow = now
    }
    return last
  }
}
