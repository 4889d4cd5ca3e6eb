import type { VectorField } from '@martlet/feature-store'

/** A service as the page shows it. */
export interface ShownService {
  readonly name: string
  readonly keys: readonly { readonly name: string; readonly type: VectorField['type'] }[]
  /** The values that requests bring. */
  readonly request: readonly { readonly name: string; readonly type: VectorField['type'] }[]
  readonly fields: readonly VectorField[]
}

/** A model as the page shows it. */
export interface ShownModel {
  readonly name: string
  /** The service it reads; undefined while none of its versions is loaded. */
  readonly service: string | undefined
  readonly version: number | undefined
}
