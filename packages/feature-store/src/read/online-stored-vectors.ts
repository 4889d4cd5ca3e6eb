import { nearestFloat32, type MartletError } from '@martlet/warehouse'
import type { StoredRow } from '../online/online-store.ts'
import {
  isNullField,
  readBigint,
  readDecimal,
  readDecimalNumber,
  readDouble,
  readInteger,
  readText,
  type RowField,
} from '../online/row-codec.ts'
import type { ServicePlan, VectorField } from '../plan/view-plan.ts'
import { fieldJson } from './online-json.ts'
import type { Layout } from './online-layouts.ts'
import { checkFill, notInVectors } from './vector-errors.ts'
import { numberOf } from './number-of.ts'
import type { FeatureStatus, FeatureValue, OnlineVectors, RowLookup } from './online-vectors.ts'

/** A row as it was read; one of a continuous view was made for the read. */
export interface ReadRow extends StoredRow {
  /** The instant that closed the windows of a continuous view. */
  readonly closedAt?: bigint
}

/** The stored rows of one view for a request. */
export interface ViewRows {
  readonly tables: readonly string[]
  readonly keys: readonly Uint8Array[]
  readonly ttl: bigint | null
  /** Whether rows are made for the read, from more than what is stored under their keys. */
  readonly continuous: boolean
  /** `slots[row]` is the index of a request row in the arrays below; null: the same index. */
  readonly slots: Int32Array | null
  readonly rows: readonly (ReadRow | undefined)[]
  /** Undefined where there is no row, or only one that is too old. */
  readonly layouts: readonly (Layout | undefined)[]
}

/** What is known about a service before any request. */
export interface ServiceShape {
  readonly service: ServicePlan
  readonly fields: readonly VectorField[]
  /** For each field, its view and its position among the service's features of that view. */
  readonly places: readonly { readonly view: number; readonly position: number }[]
  /** For each view and feature, the text before its JSON value, with a leading comma except for the very first. */
  readonly labels: readonly (readonly string[])[]
  /** For each field, what is served where it is missing. */
  readonly standIns: readonly FeatureValue[]
  /** For each view and feature, that as JSON. */
  readonly missing: readonly (readonly string[])[]
}

/** Answers from the stored bytes; values are decoded only when asked for. */
export class StoredVectors implements OnlineVectors {
  readonly rows: number
  readonly #shape: ServiceShape
  readonly #views: readonly ViewRows[]

  constructor(shape: ServiceShape, rows: number, views: readonly ViewRows[]) {
    this.#shape = shape
    this.rows = rows
    this.#views = views
  }

  get service(): ServicePlan {
    return this.#shape.service
  }

  get fields(): readonly VectorField[] {
    return this.#shape.fields
  }

  value(row: number, field: number): FeatureValue {
    const { view, position } = this.#place(row, field)
    const slot = view.slots?.[row] ?? row
    const layout = view.layouts[slot]
    const stored = view.rows[slot]?.value
    const at = layout?.fields[position]
    if (layout === undefined || stored === undefined || at === undefined || isNullField(stored, at))
      return this.#shape.standIns[field] ?? null
    if (typeof at.type === 'object') return readDecimal(stored, at)
    switch (at.type) {
      case 'text':
        return readText(layout.codec, stored, at)
      case 'bigint':
      case 'timestamp':
        return readBigint(stored, at)
      case 'double':
        return readDouble(stored, at)
      case 'boolean':
        return readInteger(stored, at) === 1
      case 'integer':
      case 'date':
        return readInteger(stored, at)
    }
  }

  status(row: number, field: number): FeatureStatus {
    const { view, position } = this.#place(row, field)
    const slot = view.slots?.[row] ?? row
    const stored = view.rows[slot]
    if (stored === undefined) return 'NOT_FOUND'
    const at = view.layouts[slot]?.fields[position]
    if (at === undefined) return 'OUTSIDE_MAX_AGE'
    return isNullField(stored.value, at) ? 'NULL_VALUE' : 'PRESENT'
  }

  featureTime(row: number, view: number): bigint | undefined {
    const found = this.#views[view]
    if (found === undefined) throw this.#outside('view', view, this.#views.length)
    if (!(row >= 0 && row < this.rows)) throw this.#outside('row', row, this.rows)
    return found.rows[found.slots?.[row] ?? row]?.time
  }

  closedAt(row: number, view: number): bigint | undefined {
    const found = this.#views[view]
    if (found === undefined) throw this.#outside('view', view, this.#views.length)
    if (!(row >= 0 && row < this.rows)) throw this.#outside('row', row, this.rows)
    return found.rows[found.slots?.[row] ?? row]?.closedAt
  }

  unresolved(row: number, view: number): undefined {
    if (this.#views[view] === undefined) throw this.#outside('view', view, this.#views.length)
    if (!(row >= 0 && row < this.rows)) throw this.#outside('row', row, this.rows)
    return undefined
  }

  fill(field: number, target: Float32Array | Float64Array, offset: number, stride: number): void {
    if (this.rows === 0) return
    const { view, position } = this.#place(0, field)
    checkFill(this.fields[field], this.rows, target, offset, stride)
    const missing = numberOf(this.#shape.standIns[field] ?? null, target)
    for (let row = 0, at = offset; row < this.rows; row++, at += stride) {
      const slot = view.slots?.[row] ?? row
      const stored = view.rows[slot]
      const place = view.layouts[slot]?.fields[position]
      target[at] =
        stored === undefined || place === undefined || isNullField(stored.value, place)
          ? missing
          : numeric(stored.value, place, target)
    }
  }

  lookups(row: number): readonly RowLookup[] | undefined {
    if (this.#views.some(({ continuous }) => continuous)) return undefined
    return this.#views.flatMap(({ tables, keys, ttl, slots, rows }) => {
      const slot = slots?.[row] ?? row
      const key = keys[slot]
      if (key === undefined) return []
      const time = rows[slot]?.time
      const until = time === undefined || ttl === null ? undefined : time + ttl
      return tables.map((table) => ({ table, key, until }))
    })
  }

  json(row: number): string {
    if (!(row >= 0 && row < this.rows)) throw this.#outside('row', row, this.rows)
    let text = '{'
    for (let index = 0; index < this.#views.length; index++) {
      const view = this.#views[index]
      const labels = this.#shape.labels[index]
      const missing = this.#shape.missing[index]
      if (view === undefined || labels === undefined || missing === undefined) continue
      const slot = view.slots?.[row] ?? row
      const layout = view.layouts[slot]
      const stored = view.rows[slot]?.value
      for (let position = 0; position < labels.length; position++) {
        text += labels[position]
        const absent = missing[position] ?? 'null'
        text += layout === undefined || stored === undefined ? absent : fieldJson(layout, stored, position, absent)
      }
    }
    return `${text}}`
  }

  #place(row: number, field: number): { readonly view: ViewRows; readonly position: number } {
    const place = this.#shape.places[field]
    const view = place === undefined ? undefined : this.#views[place.view]
    if (place === undefined || view === undefined) throw this.#outside('field', field, this.fields.length)
    if (!(row >= 0 && row < this.rows)) throw this.#outside('row', row, this.rows)
    return { view, position: place.position }
  }

  #outside(what: string, index: number, count: number): MartletError {
    return notInVectors(this.service, what, index, count)
  }
}

function numeric(row: Uint8Array, field: RowField, target: Float32Array | Float64Array): number {
  if (typeof field.type === 'object') return readDecimalNumber(row, field)
  switch (field.type) {
    case 'double':
      return readDouble(row, field)
    case 'bigint':
    case 'timestamp': {
      const whole = readBigint(row, field)
      return target instanceof Float32Array ? nearestFloat32(whole) : Number(whole)
    }
    case 'text':
      return Number.NaN
    case 'integer':
    case 'date':
    case 'boolean':
      return readInteger(row, field)
  }
}
