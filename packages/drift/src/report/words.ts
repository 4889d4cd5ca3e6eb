import type { Severity, Status } from '../verdict/result.ts'
import { markup, type Markup } from './markup.ts'

interface Look {
  readonly word: string
  readonly sign: string
  readonly css: string
}

const LOOKS: Readonly<Record<Status, Look>> = {
  ok: { word: 'OK', sign: '✓', css: 'good' },
  warn: { word: 'Warning', sign: '▲', css: 'warn' },
  drift: { word: 'Drift', sign: '◆', css: 'crit' },
  no_data: { word: 'No data', sign: '○', css: '' },
  too_few_rows: { word: 'Too few rows', sign: '○', css: '' },
  not_evaluable: { word: 'Not evaluable', sign: '○', css: '' },
  late: { word: 'Late', sign: '…', css: '' },
}

/** A status as people read it, with a sign for those who do not see the colour. */
export function statusTag(status: Status): Markup {
  const { word, sign, css } = LOOKS[status]
  return markup`<span class="tag ${css}">${sign} ${word}</span>`
}

export function statusWord(status: Status): string {
  return LOOKS[status].word
}

/** Whether a status says that the data was looked at. */
export function wasEvaluated(status: Status): boolean {
  return status === 'ok' || status === 'warn' || status === 'drift'
}

export function severityTag(severity: Severity): Markup {
  if (severity === 'crit') return markup`<span class="tag crit">◆ critical</span>`
  if (severity === 'warn') return markup`<span class="tag warn">▲ warning</span>`
  return markup`<span class="tag">· note</span>`
}

/** An instant without the parts that are zero. */
export function instant(iso: string): string {
  return iso.endsWith('T00:00:00.000Z') ? iso.slice(0, 10) : `${iso.slice(0, 16).replace('T', ' ')} UTC`
}

/** A window in words. */
export function span(from: string | null, to: string | null): string {
  return from === null || to === null ? 'all rows' : `${instant(from)} to ${instant(to)}`
}
