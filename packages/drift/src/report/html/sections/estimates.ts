import { estimateTable } from '../../estimate-table.ts'
import { markup, nothing, type Markup } from '../../markup.ts'
import type { Page } from '../page.ts'

/** How well the model probably does, window by window. */
export function estimates({ result: { windows } }: Page): Markup {
  const table = estimateTable(windows)
  if (table === null) return nothing
  const rows = table.rows.map(
    ({ window, cells }) =>
      markup`<tr><td>${window}</td>${cells.map((cell) => markup`<td class="n">${cell}</td>`)}</tr>`,
  )
  return markup`
    <h2>Estimated performance, without labels</h2>
    ${table.notes.map((note) => markup`<p>${note}</p>`)}
    <div class="scroll"><table>
      <thead><tr><th>Window</th>${table.metrics.map((metric) => markup`<th class="n">${metric}</th>`)}</tr></thead>
      <tbody>${rows}</tbody>
    </table></div>
  `
}
