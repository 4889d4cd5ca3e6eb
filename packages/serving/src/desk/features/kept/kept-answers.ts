import type { OnlineStore, RowStamps } from '@martlet/feature-store'
import type { DeskMetrics } from '../../desk-metrics.ts'
import { KeptBytes } from './kept-bytes.ts'

/** How long what nobody asks for may stay in memory: it is forgotten in the second turn after its last use. */
const TURN_MS = 900_000

/** Finished rows of answers, in bounded memory, each used only while it is certain that it would be written the same. */
export interface KeptAnswers {
  readonly bytes: KeptBytes
  readonly stamps: RowStamps
  /** A number that no other prepared read has had. */
  newOwner(): number
  /** The state of the store; undefined when it cannot be told. Drops everything when all of it may be out of date. */
  state(): number | undefined
  close(): void
}

/** Undefined when the store cannot say what has changed, or no memory is given. */
export function keptAnswers(
  { stamps }: OnlineStore,
  answerBytes: number,
  metrics: DeskMetrics,
): KeptAnswers | undefined {
  if (stamps === undefined || answerBytes === 0) return undefined
  const bytes = new KeptBytes(answerBytes)
  const turning = setInterval(() => bytes.turn(), TURN_MS)
  turning.unref()
  metrics.beforeScrape(() => metrics.keptBytes.set(bytes.bytes))
  let owners = 0
  let era = stamps.era
  return {
    bytes,
    stamps,
    newOwner: () => ++owners,
    state() {
      const state = stamps.now()
      if (stamps.era !== era) {
        bytes.clear()
        ;({ era } = stamps)
      }
      return state
    },
    close() {
      clearInterval(turning)
      bytes.clear()
    },
  }
}
