import type { DriftResult } from '../../verdict/result.ts'
import { htmlPage } from '../html/html-page.ts'
import { sections } from '../html/sections/list.ts'
import type { ReportFormat } from '../report-format.ts'
import { orderedRows } from '../rows.ts'

/**
 * A result as one HTML page: no script, nothing fetched, for light and dark screens and for paper. The same result gives the
 * same bytes.
 */
export function toHtml(result: DriftResult): string {
  const latest = result.windows.at(-1)
  const rows = latest === undefined ? [] : orderedRows(result, latest)
  const page = { result, latest, rows }
  return htmlPage(
    `${result.monitor}: ${result.sentence}`,
    sections.map((section) => section(page)),
  )
}

export const html: ReportFormat = { name: 'html', extension: 'html', render: toHtml }
