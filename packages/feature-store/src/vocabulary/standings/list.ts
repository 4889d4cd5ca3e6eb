import { ntile } from './ntile.ts'
import { percentRank } from './percent-rank.ts'
import { quantile } from './quantile.ts'
import { rank } from './rank.ts'
import { share } from './share.ts'
import type { StandingKind } from './standing-kind.ts'
import { zscore } from './zscore.ts'

/** Every way to place a value among those of everybody. */
export const standings: readonly StandingKind[] = [rank, percentRank, ntile, quantile, zscore, share]

export function standingKind(name: string): StandingKind {
  const found = standings.find((one) => one.name === name)
  if (found === undefined) throw new Error(`there is no standing called ${name}`)
  return found
}
