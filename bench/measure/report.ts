import type { Measurement } from './child.ts'
import { median } from './statistics.ts'
import type { Measured } from './turns.ts'

/** Prints a Markdown table, ready for docs/benchmarks.md. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  console.log(`| ${head.join(' | ')} |\n| ${head.map(() => '---').join(' | ')} |`)
  for (const row of rows) console.log(`| ${row.join(' | ')} |`)
  console.log('')
}

/** Prints median, range, processor and peak memory of every side, with further columns of notes. */
export function printSides(measured: Measured, notes: readonly string[] = []): void {
  printTable(
    ['what', 's', 'range', 's of processor', 'peak', ...notes],
    [...measured].map(([side, runs]) => [
      side,
      text(median(runs.map(({ seconds }) => seconds))),
      range(runs),
      text(median(runs.map(({ processor }) => processor))),
      gigabytes(median(runs.map(({ peak }) => peak))),
      ...notes.map((note) => {
        const found = runs.flatMap((run) => run.notes[note] ?? [])
        return found.length === 0 ? '–' : text(median(found))
      }),
    ]),
  )
}

/** The median of the ratios of the rounds: what disturbs a round disturbs both sides. */
export function ratioOf(
  measured: Measured,
  above: string,
  below: string,
  what: (run: Measurement) => number = ({ seconds }) => seconds,
): number {
  const lower = runsOf(measured, below)
  return median(runsOf(measured, above).map((run, round) => what(run) / what(lower[round] ?? run)))
}

/**
 * Prints a line that `npm run bench` takes into its table. On a busy machine, the ratio of processor time is the
 * steadier one.
 */
export function printRatio(measured: Measured, what: string, above: string, below: string, aim?: string): void {
  const processor = ratioOf(measured, above, below, (run) => run.processor).toFixed(2)
  const wanted = aim === undefined ? '' : `, aim: ${aim}`
  console.log(`${what}   ${ratioOf(measured, above, below).toFixed(2)}   (processor: ${processor}${wanted})`)
}

export function runsOf(measured: Measured, side: string): readonly Measurement[] {
  const runs = measured.get(side)
  if (runs === undefined) throw new Error(`${side} was not measured.`)
  return runs
}

export function text(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

export function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`
}

function range(runs: readonly Measurement[]): string {
  const all = runs.map(({ seconds }) => seconds)
  return `${text(Math.min(...all))}–${text(Math.max(...all))}`
}
