import type { ColumnFacts, ColumnResult } from '../../verdict/result.ts'
import { percent } from '../../verdict/wording.ts'
import { markup, nothing, type Markup } from '../markup.ts'
import { categoryBars, type CategoryBar } from './category-bars.ts'
import { middleCut } from './middle-cut.ts'

const SHOWN_CELLS = 12
const LINE_HEIGHT = 22
const BAR_LEFT = 128
const BAR_WIDTH = 104
const WIDTH = 340
const LONGEST_NAME = 20

/** The shares of a category column's values by name: current rows as bars, the reference as a mark across. */
export function categoryPlot(facts: ColumnFacts, column: ColumnResult): Markup {
  const cells = categoryBars(facts, column, SHOWN_CELLS)
  const top = Math.max(...cells.flatMap(({ then, now }) => [then, now]))
  if (cells.length === 0 || top === 0) return nothing
  return markup`
    <figure>
      <figcaption>Shares of rows, reference and now</figcaption>
      <svg viewBox="0 0 ${WIDTH} ${cells.length * LINE_HEIGHT}" aria-hidden="true">
        ${cells.map((cell, index) => bar(cell, index * LINE_HEIGHT, top))}
      </svg>
    </figure>
  `
}

function bar({ name, then, now, css }: CategoryBar, y: number, top: number): Markup {
  const length = (share: number): number => Math.round((share / top) * BAR_WIDTH)
  const shown = middleCut(name, LONGEST_NAME)
  return markup`
    <text x="${BAR_LEFT - 6}" y="${y + 15}" class="r">
      ${shown === name ? nothing : markup`<title>${name}</title>`}${shown === '' ? '(empty text)' : shown}
    </text>
    <path class="${css}" d="M${BAR_LEFT} ${y + 5}h${length(now)}v12h-${length(now)}z"/>
    <path class="t" d="M${BAR_LEFT + length(then)} ${y + 2}v18"/>
    <text x="${BAR_LEFT + 8 + length(Math.max(then, now))}" y="${y + 15}">${percent(then)} → ${percent(now)}</text>
  `
}
