import { parityReasons, type FeatureParity, type ParityExample, type WindowResult } from '@martlet/drift'
import { hanging, table } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { counted, grouped, instantWords, numberWords } from '../terminal/words.ts'

/** A table of the features that differ, worst first, with their reasons, and a value of some. */
export function parityLines(latest: WindowResult | undefined, { paint, width }: Terminal): readonly string[] {
  const parity = latest?.parity
  if (latest === undefined || parity === undefined) return []
  const differing = parity.features.filter(({ equal, compared }) => equal < compared)
  const same = parity.features.length - differing.length
  const notCompared = Map.groupBy(parity.notCompared, ({ why }) => why)
  return [
    paint('dim', `  ${instantWords(latest.from)} to ${instantWords(latest.to)}, ${grouped(parity.rows)} predictions`),
    ...(differing.length === 0
      ? []
      : ['', table(COLUMNS, differing.slice(0, MOST).map(cells), paint, width), ...examples(differing, width)]),
    ...(differing.length > MOST ? [`and ${differing.length - MOST} more`] : []),
    ...(differing.length > 0 && same > 0
      ? ['', `${counted(same, 'feature')} ${same === 1 ? 'is' : 'are'} equal in all predictions.`]
      : []),
    ...[...notCompared].map(([why, those]) =>
      hanging('', `Not compared, ${why}: ${those.map(({ feature }) => feature).join(', ')}.`, width),
    ),
    ...latest.findings
      .filter(({ column }) => parity.features.every(({ feature }) => feature !== column))
      .map(({ sentence }) => hanging('', sentence, width)),
  ]
}

/** Features on the terminal; `--json` has them all. */
const MOST = 12
/** Features of which a value is shown. */
const MOST_EXAMPLES = 3

const COLUMNS = [
  { title: 'feature' },
  { title: 'equal', right: true },
  { title: 'differ', right: true },
  { title: 'mean off', right: true },
  { title: 'most off', right: true },
  { title: 'why' },
] as const

function cells(one: FeatureParity): readonly string[] {
  const { feature, compared, equal, reasons, meanDifference, largestDifference } = one
  return [
    feature,
    // Never rounded up to all.
    `${(Math.floor(one.match * 10_000) / 100).toFixed(2)} %`,
    grouped(compared - equal),
    off(meanDifference),
    off(largestDifference),
    parityReasons
      .flatMap((reason) => (reasons[reason] === undefined ? [] : [`${reason} ${grouped(reasons[reason])}`]))
      .join(', '),
  ]
}

function off(difference: number | null): string {
  return difference === null ? '–' : numberWords(difference)
}

function examples(differing: readonly FeatureParity[], width: number): readonly string[] {
  const shown = differing
    .slice(0, MOST_EXAMPLES)
    .flatMap(({ feature, examples: [first] }) =>
      first === undefined ? [] : [hanging('  ', `${feature}: ${exampleWords(first)}`, width)],
    )
  return shown.length === 0 ? [] : ['', 'for instance', ...shown]
}

function exampleWords({ keys, time, logged, recomputed, reason }: ParityExample): string {
  const key = Object.entries(keys).map(([name, value]) => `${name} ${value}`)
  return `${key.join(', ')} at ${instantWords(time)} was served ${logged ?? 'nothing'}, should be ${recomputed ?? 'nothing'} (${reason})`
}
