import { markup, nothing, type Markup } from '../markup.ts'

/** Items of a list that are seen at once, and that are folded away; the columns are all in the table. */
const SEEN = 4
const FOLDED = 20

/** A list of which the first items are seen and the rest is folded away. */
export function shortList(items: readonly Markup[], css: string): Markup {
  // One item more needs no more room than the line that would fold it away.
  const seen = items.length === SEEN + 1 ? items.length : SEEN
  const folded = items.slice(seen, seen + FOLDED)
  const dropped = items.length - seen - folded.length
  return markup`
    <ul class="${css}">${items.slice(0, seen)}</ul>
    ${
      folded.length === 0
        ? nothing
        : markup`
          <details class="more">
            <summary>${items.length - seen} more</summary>
            <ul class="${css}">${folded}</ul>
            ${dropped > 0 ? markup`<p class="soft">and ${dropped} more, in the table of columns</p>` : nothing}
          </details>
        `
    }
  `
}
