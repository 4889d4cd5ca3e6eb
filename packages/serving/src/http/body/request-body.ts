import type { Limits } from '../../desk/limits.ts'
import type { Call } from '../call/call.ts'
import { arrivedBody, type Body } from './body.ts'
import type { HeldBytes } from './held-bytes.ts'
import { parseObject, type Integers } from './json-body.ts'

/** Bytes of a body that is read at once when it has arrived with its head. */
const SHORT_BODY = 16_384

/** What all bodies share. */
interface Intake {
  readonly limits: Limits
  /** Bytes of bodies that are arriving or wait to be parsed. */
  readonly arriving: HeldBytes
}

/** The body of one request, from its first byte until nobody needs it any longer. */
export class RequestBody {
  readonly #call: Call
  readonly #intake: Intake
  #arrived: Buffer<ArrayBuffer> | undefined
  #reading: Body | undefined

  constructor(call: Call, intake: Intake) {
    this.#call = call
    this.#intake = intake
  }

  /**
   * A short body that has arrived with its head; it can still be read.
   *
   * @param caller the id of who sends it
   */
  arrived(caller: string): Buffer<ArrayBuffer> | undefined {
    if (this.#arrived !== undefined) return this.#arrived
    const { arriving, limits } = this.#intake
    // Where memory is short, a body is counted, and refused, as it arrives.
    if (arriving.bytes > 0 && arriving.of(caller).full()) return undefined
    this.#arrived = this.#call.arrived(Math.min(SHORT_BODY, limits.bodyBytes, limits.arrivingBytes / 2))
    return this.#arrived
  }

  /**
   * Reads all of it; asked for once.
   *
   * @throws Problem as a rejection, when it is too large or encoded, or does not arrive in time
   */
  read(caller: string): Promise<Buffer<ArrayBuffer>> {
    const bytes = this.arrived(caller)
    const { arriving, limits } = this.#intake
    this.#reading = bytes === undefined ? this.#call.body(limits, arriving.of(caller)) : arrivedBody(bytes)
    return this.#reading.bytes
  }

  /** What was read as a JSON object. Its bytes are forgotten. */
  parse(bytes: Buffer, integers?: Integers): Readonly<Record<string, unknown>> {
    try {
      return parseObject(bytes, this.#intake.limits, integers)
    } finally {
      this.end()
    }
  }

  /** Stops reading with a problem; false when it had already arrived or failed, or nobody reads it. */
  abort(problem: unknown): boolean {
    return this.#reading?.abort(problem) === true
  }

  /** Its memory is neither counted nor kept any longer. */
  end(): void {
    this.#reading?.release()
    this.#reading = undefined
    this.#arrived = undefined
  }
}
