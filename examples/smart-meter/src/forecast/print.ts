import type { Accuracy } from './accuracy.ts'
import type { RollingResult } from './rolling-origin.ts'

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** The result of an evaluation as lines: over all, by week, and for every horizon. */
export function resultLines({ days, forecasters, overall, byHorizon, blocks }: RollingResult): readonly string[] {
  const width = Math.max(...forecasters.map((name) => name.length)) + 2
  return [
    `${days} unseen days, ${(overall[0]?.rows ?? 0).toLocaleString('en')} half-hours:`,
    `${''.padEnd(width)}${'WAPE'.padStart(9)}${'pinball, Wh'.padStart(13)}${'80 % holds'.padStart(12)}`,
    ...overall.map(
      ({ wape, pinball, coverage }, place) =>
        (forecasters[place] ?? '').padEnd(width) +
        percent(wape).padStart(9) +
        pinball.toFixed(2).padStart(13) +
        percent(coverage).padStart(12),
    ),
    `coverage week by week: ${blocks.map(({ coverage }) => percent(coverage)).join(', ')}`,
    '',
    'by half-hours ahead: WAPE and pinball of the model | yesterday | last week, and what the interval holds',
    ...halves(byHorizon.map(horizonText)),
  ]
}

function horizonText(judged: readonly Accuracy[], i: number): string {
  const wapes = judged.map(({ wape }) => (100 * wape).toFixed(0).padStart(3))
  const losses = judged.map(({ pinball }) => pinball.toFixed(0).padStart(3))
  const held = (100 * (judged[0]?.coverage ?? 0)).toFixed(0).padStart(3)
  return `${String(i + 1).padStart(2)}  ${wapes.join(' ')} %  ${losses.join(' ')} Wh  ${held} %`
}

/** Two columns. */
function halves(lines: readonly string[]): readonly string[] {
  const half = Math.ceil(lines.length / 2)
  return lines.slice(0, half).map((line, i) => `${line}    ${lines[half + i] ?? ''}`.trimEnd())
}
