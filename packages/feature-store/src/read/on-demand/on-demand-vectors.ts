import type { ServicePlan, VectorField } from '../../plan/view-plan.ts'
import { valueJson } from '../online-json.ts'
import type { FeatureStatus, FeatureValue, OnlineVectors, Unresolved } from '../online-vectors.ts'
import { numberOf } from '../number-of.ts'
import { checkFill, notInVectors } from '../vector-errors.ts'

/** Where a field's value is: among the stored fields, or among the computed values of a row. */
export type FieldPlace = { readonly stored: number } | { readonly computed: number }

interface Shape {
  readonly service: ServicePlan
  readonly fields: readonly VectorField[]
  readonly places: readonly FieldPlace[]
}

/**
 * Vectors of stored values and of values that were computed for this request. A computed value is PRESENT, or
 * NULL_VALUE when it is null, whatever it was computed from.
 */
export class OnDemandVectors implements OnlineVectors {
  readonly #shape: Shape
  readonly #stored: OnlineVectors
  readonly #computed: readonly (readonly FeatureValue[])[]

  constructor(shape: Shape, stored: OnlineVectors, computed: readonly (readonly FeatureValue[])[]) {
    this.#shape = shape
    this.#stored = stored
    this.#computed = computed
  }

  get service(): ServicePlan {
    return this.#shape.service
  }

  get fields(): readonly VectorField[] {
    return this.#shape.fields
  }

  get rows(): number {
    return this.#stored.rows
  }

  value(row: number, field: number): FeatureValue {
    const place = this.#place(field)
    return 'stored' in place ? this.#stored.value(row, place.stored) : this.#value(row, place.computed)
  }

  status(row: number, field: number): FeatureStatus {
    const place = this.#place(field)
    if ('stored' in place) return this.#stored.status(row, place.stored)
    return this.#value(row, place.computed) === null ? 'NULL_VALUE' : 'PRESENT'
  }

  featureTime(row: number, view: number): bigint | undefined {
    return this.#stored.featureTime(row, view)
  }

  closedAt(row: number, view: number): bigint | undefined {
    return this.#stored.closedAt(row, view)
  }

  unresolved(row: number, view: number): Unresolved | undefined {
    return this.#stored.unresolved(row, view)
  }

  fill(field: number, target: Float32Array | Float64Array, offset: number, stride: number): void {
    if (this.rows === 0) return
    const place = this.#place(field)
    if ('stored' in place) {
      this.#stored.fill(place.stored, target, offset, stride)
      return
    }
    checkFill(this.fields[field], this.rows, target, offset, stride)
    for (const [row, values] of this.#computed.entries())
      target[offset + row * stride] = numberOf(values[place.computed] ?? null, target)
  }

  json(row: number): string {
    if (!(row >= 0 && row < this.rows)) throw notInVectors(this.service, 'row', row, this.rows)
    const members = this.fields.map(
      ({ name, type }, field) => `${JSON.stringify(name)}:${valueJson(this.value(row, field), type)}`,
    )
    return `{${members.join(',')}}`
  }

  #place(field: number): FieldPlace {
    const place = this.#shape.places[field]
    if (place === undefined) throw notInVectors(this.service, 'field', field, this.fields.length)
    return place
  }

  #value(row: number, place: number): FeatureValue {
    const values = this.#computed[row]
    if (values === undefined) throw notInVectors(this.service, 'row', row, this.rows)
    return values[place] ?? null
  }
}
