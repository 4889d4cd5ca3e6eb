import { MartletError } from '@martlet/warehouse'

/** What one request, the requests of one caller, and all of them together may make the server do. */
export interface Limits {
  /** Bytes of a request body. @default 1 MiB */
  readonly bodyBytes: number
  /** Entity keys in one request. @default 1000 */
  readonly keysPerRequest: number
  /** Values in one answer: keys × features; for a prediction, keys × features of the model. @default 100000 */
  readonly valuesPerRequest: number
  /** Characters of one text key or one request value. @default 256 */
  readonly keyLength: number
  /** Nesting of a JSON body. @default 8 */
  readonly jsonDepth: number
  /** Requests under way at once, from their arrival until their answer has left; one more is answered 503 with `Retry-After`. @default 512 */
  readonly inFlight: number
  /** Requests of one API key under way at once, when there are several keys; one more is answered 503 likewise. @default half of `inFlight` */
  readonly inFlightPerKey: number
  /** Milliseconds until a request is answered 504; a body that has not arrived by then is not waited for. @default 2000 */
  readonly deadlineMs: number
  /** Milliseconds that a caller may take to read an answer; then its connection is destroyed. @default 10000 */
  readonly sendMs: number
  /** Bytes of bodies that are arriving or waiting to be read, all requests together; more are answered 503. @default 64 MiB */
  readonly arrivingBytes: number
  /** Bytes of answers that callers have not read yet, all together; until some have left, requests are answered 503. @default 64 MiB */
  readonly unsentBytes: number
  /** Model versions kept loaded that no alias names, the least recently used leaves first. @default 4 */
  readonly versionsLoaded: number
  /** Prepared readers kept for `features` subsets of a service, the least recently used leaves first. @default 64 */
  readonly preparedSubsets: number
}

const defaults: Limits = {
  bodyBytes: 1_048_576,
  keysPerRequest: 1000,
  valuesPerRequest: 100_000,
  keyLength: 256,
  jsonDepth: 8,
  inFlight: 512,
  inFlightPerKey: 256,
  deadlineMs: 2000,
  sendMs: 10_000,
  arrivingBytes: 67_108_864,
  unsentBytes: 67_108_864,
  versionsLoaded: 4,
  preparedSubsets: 64,
}

/** Fills in the defaults; throws `INVALID_LIMIT` for anything but a positive whole number. */
export function limitsOf(given: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaults, name)) {
      throw new MartletError(
        'INVALID_LIMIT',
        `limits.${name} is not a limit; there are ${Object.keys(defaults).join(', ')}`,
        { data: { name } },
      )
    }
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new MartletError('INVALID_LIMIT', `limits.${name} is ${value}; give a whole number of at least 1`, {
        data: { name, value },
      })
    }
  }
  const inFlight = given.inFlight ?? defaults.inFlight
  return { ...defaults, inFlightPerKey: Math.ceil(inFlight / 2), ...given }
}
