import { rowsIn } from '../../compare/sides.ts'
import type { ColumnFacts } from '../../verdict/result.ts'
import { percent } from '../../verdict/wording.ts'
import { markup, nothing, type Markup } from '../markup.ts'
import { cellsToShow } from './spark.ts'

const SHOWN_CELLS = 10
const LINE_HEIGHT = 24
const BAR_LEFT = 124
const BAR_WIDTH = 210
const LONGEST_NAME = 20

/** The shares of a category column's largest cells, side by side. */
export function categoryPlot(facts: ColumnFacts, counts: readonly number[]): Markup {
  const [n, m] = [rowsIn(facts.reference), rowsIn(counts)]
  const shown = cellsToShow(facts, counts, SHOWN_CELLS).map((cell) => ({
    name: shortName(facts.labels[cell] ?? ''),
    then: (facts.reference[cell] ?? 0) / n,
    now: (counts[cell] ?? 0) / m,
  }))
  if (shown.length === 0 || n === 0 || m === 0) return nothing
  const top = Math.max(...shown.flatMap(({ then, now }) => [then, now]))
  const largest = facts.reference.length > shown.length ? ', largest cells' : ''
  return markup`
    <figure>
      <figcaption>Shares of rows${largest}</figcaption>
      <svg viewBox="0 0 460 ${shown.length * LINE_HEIGHT}">
        ${shown.map((cell, index) => bars(cell, index * LINE_HEIGHT, top))}
      </svg>
    </figure>
  `
}

interface Cell {
  readonly name: string
  readonly then: number
  readonly now: number
}

function bars({ name, then, now }: Cell, y: number, top: number): Markup {
  const length = (share: number): number => Math.round((share / top) * BAR_WIDTH)
  const bar = (css: string, share: number, down: number): Markup =>
    markup`<path class="${css}" d="M${BAR_LEFT} ${y + down}h${length(share)}v7h-${length(share)}"/>`
  return markup`
    <text x="${BAR_LEFT - 6}" y="${y + 13}" class="r">${name}</text>
    ${bar('tb', then, 2)}
    ${bar('cb', now, 10)}
    <text x="${BAR_LEFT + 6 + length(Math.max(then, now))}" y="${y + 13}">${percent(then)} → ${percent(now)}</text>
  `
}

function shortName(name: string): string {
  if (name === '') return '(empty text)'
  const characters = [...name]
  return characters.length > LONGEST_NAME ? `${characters.slice(0, LONGEST_NAME - 1).join('')}…` : name
}
