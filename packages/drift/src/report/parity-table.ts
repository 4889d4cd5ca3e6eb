import { reasonWords } from '../parity/judge-parity.ts'
import type { FeatureParity, ParityExample, WindowParity } from '../parity/parity-result.ts'
import { brief, grouped } from '../verdict/wording.ts'
import { instant } from './words.ts'

/** Features that differ, worst first, as cells of a table. */
export const parityTitles: readonly string[] = ['Feature', 'Equal', 'Of', 'Mean off', 'Most off', 'Why']

export function parityCells({ feature, match, compared, ...one }: FeatureParity): readonly string[] {
  const { meanDifference, largestDifference, reasons } = one
  return [
    feature,
    // Never rounded up to all.
    `${(Math.floor(match * 10_000) / 100).toFixed(2)} %`,
    grouped(compared),
    meanDifference === null ? '' : brief(meanDifference),
    largestDifference === null ? '' : brief(largestDifference),
    reasonWords(reasons),
  ]
}

/** Those that differ at all. */
export function differing({ features }: WindowParity): readonly FeatureParity[] {
  return features.filter(({ equal, compared }) => equal < compared)
}

/** What the table leaves out. */
export function besideParity({ features, notCompared }: WindowParity): readonly string[] {
  const same = features.filter(({ equal, compared }) => equal === compared).length
  const why = Map.groupBy(notCompared, (one) => one.why)
  return [
    ...(same === 0 ? [] : [`${grouped(same)} of ${grouped(features.length)} features are equal in all predictions.`]),
    ...[...why].map(([reason, those]) => `Not compared, ${reason}: ${those.map(({ feature }) => feature).join(', ')}.`),
  ]
}

/** A value in words. */
export function exampleWords({ keys, time, logged, recomputed, reason }: ParityExample): string {
  const key = Object.entries(keys).map(([name, value]) => `${name} ${value}`)
  const values = `served ${logged ?? 'nothing'}, should be ${recomputed ?? 'nothing'}`
  return `${key.join(', ')}, ${instant(time)}: ${values} (${reason})`
}
