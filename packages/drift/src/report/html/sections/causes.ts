import type { Cause } from '../../../verdict/result.ts'
import { markup, nothing, type Markup } from '../../markup.ts'
import { severityTag } from '../../words.ts'
import type { Page } from '../page.ts'
import { shortList } from '../short-list.ts'

/** Columns named under a cause. */
const NAMED = 6

/** What happened: faults with what they explain, then what changed, one entry for columns that moved together. */
export function causes({ latest, rows }: Page): Markup {
  const found = latest?.causes ?? []
  if (found.length === 0) return nothing
  const anchors = new Map(rows.map(({ column, anchor }) => [column.name, anchor]))
  return markup`<section><h2>What happened</h2>${shortList(
    found.map((cause) => entry(cause, anchors)),
    'why',
  )}</section>`
}

function entry(cause: Cause, anchors: ReadonlyMap<string, string>): Markup {
  const { severity, columns, head, sentence } = cause
  const own = `${head}: `
  const words =
    columns.length === 1 && sentence.startsWith(own)
      ? markup`${link(head, anchors)} ${sentence.slice(own.length)}`
      : markup`${sentence}`
  return markup`
    <li>
      ${severityTag(severity)}
      <div>
        <span>${words}</span>
        ${columns.length > 1 ? together(cause, anchors) : nothing}
      </div>
    </li>
  `
}

/** The columns of a group, the head first. */
function together({ columns, share }: Cause, anchors: ReadonlyMap<string, string>): Markup {
  const rest = columns.length - NAMED
  return markup`
    <p class="names">
      <svg width="60" height="6" aria-hidden="true">
        <path class="bg" d="M0 0h60v6h-60z"/>
        <path class="c" d="M0 0h${Math.round(60 * Math.min(1, share))}v6H0z"/>
      </svg>
      ${columns.slice(0, NAMED).map((name) => markup`<span>${link(name, anchors)}</span>`)}
      ${rest > 0 ? markup`<span>and ${rest} more</span>` : nothing}
    </p>
  `
}

function link(name: string, anchors: ReadonlyMap<string, string>): Markup {
  const anchor = anchors.get(name)
  return anchor === undefined ? markup`${name}` : markup`<a href="#${anchor}">${name}</a>`
}
