import { MartletError } from '@martlet/warehouse'

export interface ProblemDetails {
  /** The place in the request that is wrong, such as `keys[3].customer_id`. */
  readonly path?: string
  /** An existing name that is close to the one in the request. */
  readonly suggestion?: string
  /** All problems of the request, when several rows are wrong. */
  readonly problems?: readonly { readonly path: string; readonly detail: string }[]
  /** Seconds; sent as `Retry-After`. */
  readonly retryAfter?: number
  /** The methods that exist; sent as `Allow`. */
  readonly allow?: string
}

/** A refusal that the caller can act on. A protocol decides what it looks like; the default is `application/problem+json`. */
export class Problem extends MartletError {
  override readonly name: string = 'Problem'
  /** The HTTP status that says the same. */
  readonly status: number
  readonly details: ProblemDetails

  constructor(status: number, code: string, detail: string, details: ProblemDetails = {}) {
    super(code, detail)
    this.status = status
    this.details = details
  }
}
