import { instantText } from '@martlet/feature-store'
import { hanging, table, type TableColumn } from './table.ts'
import type { Terminal } from './terminal.ts'
import { counted, grouped, instantWords } from './words.ts'

/** What a load or a snapshot would read. */
export interface StepPlan {
  readonly name: string
  readonly into: string
  /** Null: not known before it has run. */
  readonly rows: number | null
  readonly later: number
  readonly restarted: string | null
  readonly watermark: bigint | null
  /** Days that are replaced, both included. */
  readonly from?: string
  readonly to?: string
}

/** What a load or a snapshot has done. */
export interface StepDone {
  readonly name: string
  readonly later: number
  readonly restarted: string | null
  readonly lacking: Readonly<Record<string, number>>
}

/** Instants as text, for JSON. */
export function stepData<R extends { readonly watermark: bigint | null }>(
  report: R,
): Omit<R, 'watermark'> & { readonly watermark: string | null } {
  const { watermark } = report
  return { ...report, watermark: watermark === null ? null : instantText(watermark) }
}

export function planText(kind: 'load' | 'snapshot', plans: readonly StepPlan[], terminal: Terminal): string {
  const columns = [
    { title: kind },
    { title: 'rows to read', right: true },
    { title: 'loaded after' },
    { title: 'into' },
  ]
  const rows = plans.map(({ name, into, rows: count, restarted, watermark, from, to }) => [
    name,
    count === null ? `${from} to ${to}` : grouped(count),
    count === null ? '' : restarted === null ? instantWords(watermark) : `everything: ${restarted}`,
    into,
  ])
  return [table(columns, rows, terminal.paint, terminal.width), ...laterLines(plans, terminal)].join('\n')
}

/** A table of counts, and below it what is worth a sentence. */
export function doneText(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  done: readonly StepDone[],
  terminal: Terminal,
): string {
  const { paint, width } = terminal
  const restarted = done.flatMap(({ name, restarted: why }) =>
    why === null ? [] : [hanging(`${name}  `, `everything was read again: ${why}`, width)],
  )
  const rejected = done.flatMap(({ name, lacking }) => {
    const each = Object.entries(lacking).map(([column, count]) => `${counted(count, 'row')} without ${column}`)
    return each.length === 0 ? [] : [hanging(`${name}  `, `${paint('yellow', 'rejected')} ${each.join(', ')}`, width)]
  })
  return [table(columns, rows, paint, width), ...restarted, ...rejected, ...laterLines(done, terminal)].join('\n')
}

function laterLines(
  steps: readonly { readonly name: string; readonly later: number }[],
  { width }: Terminal,
): readonly string[] {
  return steps.flatMap(({ name, later }) =>
    later === 0
      ? []
      : [
          hanging(
            `${name}  `,
            `${counted(later, 'row')} loaded after the end of this run; --until <instant> moves it`,
            width,
          ),
        ],
  )
}
