import { rowsIn } from '../../compare/sides.ts'
import type { ColumnFacts, DriftResult } from '../../verdict/result.ts'
import { atLeast } from '../../verdict/severity.ts'
import { markup, nothing, type Markup } from '../markup.ts'
import { instant } from '../words.ts'
import { spark } from './spark.ts'

/** A column's histogram in each window whose counts were kept, the oldest first; windows that alerted are marked. */
export function smallMultiples({ windows }: DriftResult, facts: ColumnFacts): Markup {
  const drawn = windows.flatMap((window) => {
    const column = window.columns.find(({ name }) => name === facts.name)
    return column === undefined || rowsIn(column.counts) === 0 ? [] : [{ window, column }]
  })
  if (drawn.length < 2) return nothing
  return markup`
    <figure class="multi">
      <figcaption>Window by window, the latest last; framed where the column alerted</figcaption>
      <ol>
        ${drawn.map(
          ({ window, column }) => markup`
            <li class="${atLeast(column.severity, 'warn') ? column.severity : 'calm'}">
              ${spark(facts, column)}
              <small>${window.from === null ? '' : instant(window.from)}</small>
            </li>
          `,
        )}
      </ol>
    </figure>
  `
}
