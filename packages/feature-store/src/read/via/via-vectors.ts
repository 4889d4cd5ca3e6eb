import type { ServicePlan, VectorField } from '../../plan/view-plan.ts'
import { valueJson } from '../online-json.ts'
import type { FeatureStatus, FeatureValue, OnlineVectors, RowLookup, Unresolved } from '../online-vectors.ts'
import { notInVectors } from '../vector-errors.ts'

/** The fields of the first read that are the key of a looked up entity. */
export interface Lookup {
  readonly fields: readonly number[]
  /** What the second read calls the key columns. */
  readonly columns: readonly string[]
  /** `view__feature` */
  readonly names: readonly string[]
}

type Part = 'first' | 'second'

/** Where the views and fields of a service are: in what was read first, or in what was looked up. */
export interface ViaShape {
  readonly service: ServicePlan
  readonly fields: readonly VectorField[]
  readonly views: readonly { readonly part: Part; readonly view: number; readonly lookup?: Lookup | undefined }[]
  readonly places: readonly { readonly part: Part; readonly field: number }[]
}

/** Vectors of two reads, of which the second was of entities that the first had found. */
export class ViaVectors implements OnlineVectors {
  readonly #shape: ViaShape
  readonly #parts: Readonly<Record<Part, OnlineVectors>>
  /** Absent when one of the parts has none. */
  readonly lookups?: (row: number) => readonly RowLookup[]

  constructor(shape: ViaShape, first: OnlineVectors, second: OnlineVectors) {
    this.#shape = shape
    this.#parts = { first, second }
    if (first.lookups !== undefined && second.lookups !== undefined)
      this.lookups = (row) => [...(first.lookups?.(row) ?? []), ...(second.lookups?.(row) ?? [])]
  }

  get service(): ServicePlan {
    return this.#shape.service
  }

  get fields(): readonly VectorField[] {
    return this.#shape.fields
  }

  get rows(): number {
    return this.#parts.first.rows
  }

  value(row: number, field: number): FeatureValue {
    const place = this.#place(field)
    return this.#parts[place.part].value(row, place.field)
  }

  status(row: number, field: number): FeatureStatus {
    const place = this.#place(field)
    return this.#parts[place.part].status(row, place.field)
  }

  featureTime(row: number, view: number): bigint | undefined {
    const place = this.#view(view)
    return this.#parts[place.part].featureTime(row, place.view)
  }

  closedAt(row: number, view: number): bigint | undefined {
    const place = this.#view(view)
    return this.#parts[place.part].closedAt(row, place.view)
  }

  unresolved(row: number, view: number): Unresolved | undefined {
    const { lookup } = this.#view(view)
    const { first } = this.#parts
    const at = lookup?.fields.findIndex((field) => first.value(row, field) === null) ?? -1
    const [field, feature] = [lookup?.fields[at], lookup?.names[at]]
    return field === undefined || feature === undefined ? undefined : { feature, status: first.status(row, field) }
  }

  fill(field: number, target: Float32Array | Float64Array, offset: number, stride: number): void {
    const place = this.#place(field)
    this.#parts[place.part].fill(place.field, target, offset, stride)
  }

  json(row: number): string {
    if (!(row >= 0 && row < this.rows)) throw notInVectors(this.service, 'row', row, this.rows)
    const members = this.fields.map(
      ({ name, type }, field) => `${JSON.stringify(name)}:${valueJson(this.value(row, field), type)}`,
    )
    return `{${members.join(',')}}`
  }

  #place(field: number): ViaShape['places'][number] {
    const place = this.#shape.places[field]
    if (place === undefined) throw notInVectors(this.service, 'field', field, this.fields.length)
    return place
  }

  #view(view: number): ViaShape['views'][number] {
    const place = this.#shape.views[view]
    if (place === undefined) throw notInVectors(this.service, 'view', view, this.#shape.views.length)
    return place
  }
}
