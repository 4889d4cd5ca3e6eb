import { markup, nothing, type Markup } from '../../markup.ts'
import { besideParity, differing, exampleWords, parityCells, parityTitles } from '../../parity-table.ts'
import type { Page } from '../page.ts'

/** Features whose values are shown. */
const MOST_EXAMPLES = 10

/** Which features were served otherwise than their definitions say: how often, by how much and why. */
export function parity({ latest }: Page): Markup {
  if (latest?.parity === undefined) return nothing
  const found = differing(latest.parity)
  const shown = found.filter(({ examples }) => examples.length > 0).slice(0, MOST_EXAMPLES)
  return markup`
    <section class="parity">
      <h2>Served vectors</h2>
      ${besideParity(latest.parity).map((sentence) => markup`<p class="soft">${sentence}</p>`)}
      ${
        found.length === 0
          ? nothing
          : markup`
              <div class="scroll body">
                <table>
                  <tr>${parityTitles.map((title) => markup`<th>${title}</th>`)}</tr>
                  ${found.map(
                    (one) => markup`
                      <tr class="${one.passes ? '' : 'crit'}">${parityCells(one).map((cell) => markup`<td>${cell}</td>`)}</tr>
                    `,
                  )}
                </table>
              </div>
            `
      }
      ${shown.map(
        ({ feature, examples }) => markup`
          <h3>${feature}</h3>
          <ul>${examples.map((example) => markup`<li class="example">${exampleWords(example)}</li>`)}</ul>
        `,
      )}
    </section>
  `
}
