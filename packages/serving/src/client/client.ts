import type { AnyFeatureService, DefaultedFieldsOf, EntityKeyOf, RequestOf, VectorOf } from '@martlet/feature-store'
import type { StatusOfMissing, UnresolvedViews, ViewTime } from '../protocol/martlet/feature-answers.ts'
import type { JsonScalar } from '../protocol/martlet/json-scalar.ts'
import type { PredictAnswer } from '../protocol/martlet/predict-answers.ts'

export interface ClientOptions<S extends AnyFeatureService> {
  /** Where the app is mounted, such as `https://ml.example.com` or `http://localhost:8080/ml`. */
  readonly url: string
  /** The name of the service; another name than that of `S` does not compile. */
  readonly service: S['name']
  readonly apiKey?: string
  /**
   * Keeps every digit that was sent: a whole number beyond 2^53 is a bigint, and a decimal of more digits than a number
   * has is text. Otherwise both are the nearest number.
   * @default false
   */
  readonly exactNumbers?: boolean
  /** Another `fetch`, such as `app.request` in tests. @default the global one */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response> | Response
}

export interface CallOptions {
  readonly signal?: AbortSignal
}

export interface PredictOptions extends CallOptions {
  /** @default 'champion' */
  readonly alias?: string
  readonly version?: number
  /** Refuse entities about which nothing is known (`some`), or that lack any feature (`all`). @default none are refused */
  readonly requireFeatures?: 'some' | 'all'
}

/**
 * What on-demand features need of a request: one object per key, in order. It may be left out only if every value may.
 */
export type RequestOption<S extends AnyFeatureService> = [keyof RequestOf<S>] extends [never]
  ? { readonly request?: undefined }
  : Partial<RequestOf<S>> extends RequestOf<S>
    ? { readonly request?: readonly RequestOf<S>[] }
    : { readonly request: readonly RequestOf<S>[] }

/** The last parameter of a call, which is needed only where a request brings values. */
type Options<S extends AnyFeatureService, O> =
  Partial<RequestOption<S>> extends RequestOption<S>
    ? [options?: O & RequestOption<S>]
    : [options: O & RequestOption<S>]

/** A number of more digits than a JavaScript number has: a whole number as bigint, another as its digits. */
export type LongNumber = bigint | string

/** Instants travel as ISO 8601 text; `L` is what long numbers are given as, or never. */
type OverJson<T, L> = T extends Date ? string : T extends number ? T | L : T

/** The vector of a service as it is served: every value, or its default or null with the reason in `missing`. */
export type ServedVector<S extends AnyFeatureService, L = never> = {
  readonly [K in keyof VectorOf<S>]: OverJson<VectorOf<S>[K], L> | (K extends DefaultedFieldsOf<S> ? never : null)
}

export interface ServedRow<S extends AnyFeatureService, K extends keyof VectorOf<S> = keyof VectorOf<S>, L = never> {
  readonly keys: Readonly<Record<string, JsonScalar | L>>
  readonly values: Pick<ServedVector<S, L>, K>
  readonly missing: { readonly [F in K]?: StatusOfMissing }
  readonly times: Readonly<Record<string, ViewTime>>
  /** By view: why the entity that another view looks up is not known. */
  readonly unresolved?: UnresolvedViews
}

/** The server's refusal. `code` is stable and safe to match on. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused'
  readonly code: string
  readonly status: number
  /** The place in the request that is wrong, such as `keys[3].customer_id`. */
  readonly path: string | undefined
  readonly suggestion: string | undefined
  /** Finds the request in the server's log. */
  readonly requestId: string | undefined

  constructor(route: string, status: number, body: string, method = 'POST') {
    const problem = parsed(body)
    const text = (name: string): string | undefined => (typeof problem[name] === 'string' ? problem[name] : undefined)
    super(`${method} ${route}: ${text('detail') ?? `The server answered ${status}.`}`)
    this.code = text('code') ?? 'HTTP_ERROR'
    this.status = status
    this.path = text('path')
    this.suggestion = text('suggestion')
    this.requestId = text('requestId')
  }
}

/** Calls one service and the models that read it; `L` is what long numbers are given as, or never. */
export interface ServingClient<S extends AnyFeatureService, L = never> {
  /**
   * One row per key, in order; with `features`, only those.
   *
   * @throws RequestRefused when the server refuses
   */
  features<const K extends keyof VectorOf<S> = keyof VectorOf<S>>(
    keys: readonly EntityKeyOf<S>[],
    ...options: Options<S, CallOptions & { readonly features?: readonly K[] }>
  ): Promise<readonly ServedRow<S, K, L>[]>
  /**
   * One prediction per key, in order.
   *
   * @throws RequestRefused when the server refuses
   */
  predict(
    model: string,
    keys: readonly EntityKeyOf<S>[],
    ...options: Options<S, PredictOptions>
  ): Promise<PredictAnswer>
}

/**
 * A client whose keys and features have the types of a feature service. It needs the type of the service, not its definition.
 *
 * @example const client = createClient<typeof nextDay>({ url: 'http://localhost:8080', service: 'next_day' })
 */
export function createClient<S extends AnyFeatureService>(
  options: ClientOptions<S> & { readonly exactNumbers: true },
): ServingClient<S, LongNumber>
export function createClient<S extends AnyFeatureService>(
  options: ClientOptions<S> & { readonly exactNumbers?: false },
): ServingClient<S>
export function createClient<S extends AnyFeatureService>(options: ClientOptions<S>): ServingClient<S, LongNumber> {
  const { url, service, apiKey, exactNumbers = false, fetch: send = fetch } = options
  const base = url.replace(/\/+$/, '')
  const headers = {
    'content-type': 'application/json',
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
  }

  async function call<T>(path: string, body: object, signal: AbortSignal | undefined): Promise<T> {
    const response = await send(`${base}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body, keyText),
      ...(signal === undefined ? {} : { signal }),
    })
    const text = await response.text()
    if (!response.ok) throw new RequestRefused(path, response.status, text)
    return exactNumbers ? JSON.parse(text, allDigits) : JSON.parse(text)
  }

  return {
    async features<const K extends keyof VectorOf<S>>(
      keys: readonly EntityKeyOf<S>[],
      ...[options]: Options<S, CallOptions & { readonly features?: readonly K[] }>
    ) {
      const { features, request, signal } = options ?? {}
      const { rows } = await call<{ readonly rows: readonly ServedRow<S, K, LongNumber>[] }>(
        `/v1/features/${encodeURIComponent(service)}`,
        { keys, features, request },
        signal,
      )
      return rows
    },
    predict(model, keys, ...[options]) {
      const { alias, version, requireFeatures, request, signal } = options ?? {}
      const body = { keys, alias, version, requireFeatures, request }
      return call(`/v1/models/${encodeURIComponent(model)}/predict`, body, signal)
    },
  }
}

/** A number as it was sent, where the JavaScript number has other digits. */
function allDigits(_: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source
  if (typeof value !== 'number' || source === undefined || String(value) === source) return value
  if (/^-?\d+$/.test(source)) return Number.isSafeInteger(value) ? value : BigInt(source)
  return /^-?\d+\.\d+$/.test(source) && digits(source) > DOUBLE_DIGITS ? source : value
}

/** Up to so many digits, a decimal and the number that is nearest to it print alike. */
const DOUBLE_DIGITS = 15

function digits(decimal: string): number {
  return decimal.replace(/^-?0*\.?0*|\./g, '').length
}

/** 64-bit keys travel as strings of digits. */
function keyText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
