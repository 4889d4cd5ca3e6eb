import { actionsFor } from '../../actions.ts'
import { markup, nothing, type Markup } from '../../markup.ts'
import type { Page } from '../page.ts'

/** What a person can do now, in order. */
export function actions({ result }: Page): Markup {
  const list = actionsFor(result)
  if (list.length === 0) return nothing
  return markup`
    <section class="todo"><h2>What to do</h2><ol>${list.map((action) => markup`<li>${action}</li>`)}</ol></section>
  `
}
