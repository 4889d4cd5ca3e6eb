import { gzipSync } from 'node:zlib'
import type { ServerResponse } from 'node:http'
import { chunkText } from './double.ts'
import type { DoubleRequest, SnowflakeDouble } from './double.ts'

const STATEMENT_FAULTS = ['busy', 'lost', 'cut', 'expired', 'unreachable', 'late', 'silent'] as const
const CHUNK_FAULTS = ['busy', 'cut', 'broken', 'short', 'late'] as const

export interface FaultPlan {
  /** The most faults that are played. */
  readonly most: number
  /** One request in so many goes wrong. */
  readonly oneIn: number
  /** How long a late answer takes. */
  readonly lateMs: number
}

/** Faults at requests drawn from a seed: the same requests in the same order go wrong in the same way. */
export class RandomFaults {
  /** What went wrong, in order. */
  readonly played: string[] = []
  readonly #double: SnowflakeDouble
  readonly #plan: FaultPlan
  readonly #lost = new Set<unknown>()
  #state: number

  constructor(double: SnowflakeDouble, seed: number, plan: FaultPlan) {
    this.#double = double
    this.#plan = plan
    this.#state = seed
    double.fault = (request, response) => this.#play(request, response)
    double.faultAfter = (request, response) => this.#lost.delete(request) && cut(response)
  }

  stop(): void {
    this.#double.fault = () => false
    this.#double.faultAfter = () => false
  }

  async #play(request: DoubleRequest, response: ServerResponse): Promise<boolean> {
    const chunk = request.path.startsWith('/chunk/')
    const eligible = chunk || (request.path.startsWith('/queries/') && !request.path.endsWith('/abort-request'))
    if (!eligible || this.played.length >= this.#plan.most || this.#below(this.#plan.oneIn) > 0) return false
    const kinds: readonly string[] = chunk ? CHUNK_FAULTS : STATEMENT_FAULTS
    const kind = kinds[this.#below(kinds.length)] ?? 'busy'
    // It costs the whole deadline.
    if (kind === 'silent' && this.played.includes('silent')) return false
    this.played.push(kind)
    switch (kind) {
      case 'lost':
        this.#lost.add(request)
        return false
      case 'cut':
        return cut(response)
      case 'expired':
        this.#double.expireSessions()
        return false
      case 'unreachable':
        await this.#double.unreachable(200)
        return true
      case 'late':
        await new Promise((resolve) => setTimeout(resolve, this.#plan.lateMs))
        return response.destroyed
      case 'silent':
        return true
      case 'broken':
        return chunkOf(response, '["1"],["2')
      case 'short':
        return chunkOf(response, chunkText(this.#double.rowsOfChunk(request.path).slice(0, -1)))
      default:
        response.writeHead(503).end()
        return true
    }
  }

  // mulberry32
  #below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
}

function cut(response: ServerResponse): boolean {
  response.destroy()
  return true
}

function chunkOf(response: ServerResponse, text: string): boolean {
  response.writeHead(200, { 'content-type': 'binary/octet-stream', 'content-encoding': 'gzip' }).end(gzipSync(text))
  return true
}
