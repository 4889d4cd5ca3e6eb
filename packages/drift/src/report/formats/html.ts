import type { DriftResult } from '../../verdict/result.ts'
import { columnDetails } from '../html/column-details.ts'
import { columnTable } from '../html/column-table.ts'
import { footer } from '../html/footer.ts'
import { overview } from '../html/overview.ts'
import { performanceSection } from '../html/performance.ts'
import { reasons } from '../html/reasons.ts'
import { STYLE } from '../html/style.ts'
import { windowStrip } from '../html/window-strip.ts'
import { markup, nothing, type Markup } from '../markup.ts'
import type { ReportFormat } from '../report-format.ts'
import { orderedRows } from '../rows.ts'

/**
 * A result as one HTML page: no script, nothing fetched, for light and dark screens and for paper. The same result gives the
 * same bytes.
 */
export function toHtml(result: DriftResult): string {
  const latest = result.windows.at(-1)
  const rows = latest === undefined ? [] : orderedRows(result, latest)
  const parts: readonly Markup[] = [
    markup`<!doctype html>`,
    head(`${result.monitor}: ${result.sentence}`),
    markup`<body><main>`,
    overview(result, latest),
    latest === undefined ? nothing : reasons(latest, rows),
    performanceSection(result),
    latest?.performance === undefined ? windowStrip(result.windows) : nothing,
    rows.length === 0 ? nothing : markup`${columnTable(result, rows)}${columnDetails(result, rows)}`,
    footer(result),
    markup`</main></body></html>`,
  ]
  return parts.map((part) => `${part.markup}\n`).join('')
}

export const html: ReportFormat = { name: 'html', extension: 'html', render: toHtml }

function head(title: string): Markup {
  return markup`
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width,initial-scale=1">
        <title>${title}</title>
        <style>${{ markup: STYLE }}</style>
      </head>
  `
}
