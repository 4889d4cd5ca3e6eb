export interface Tile {
  readonly label: string
  readonly value: string
  readonly note?: string
  readonly tone?: Tone
}

export type Tone = 'good' | 'warn' | 'bad'

/** A cell of a table: text, or text with a tone, which is shown as a badge. */
export type PageCell = string | { readonly text: string; readonly tone: Tone }

export interface PageTable {
  readonly columns: readonly { readonly title: string; readonly number?: true }[]
  readonly rows: readonly (readonly PageCell[])[]
}

export interface Section {
  readonly title: string
  readonly text?: string
  /** SVG. */
  readonly charts?: readonly { readonly title: string; readonly svg: string }[]
  readonly table?: PageTable
}

export interface Page {
  readonly title: string
  readonly subtitle: string
  readonly tiles: readonly Tile[]
  readonly sections: readonly Section[]
}

/** Text as HTML shows it. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

/** A report as one HTML file that fetches nothing. */
export function htmlPage({ title, subtitle, tiles, sections }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header><h1>${escaped(title)}</h1><p>${escaped(subtitle)}</p></header>
<ul class="tiles">${tiles.map(tile).join('')}</ul>
${sections.map(section).join('\n')}
</main>
</body>
</html>
`
}

function tile({ label, value, note, tone }: Tile): string {
  const under = note === undefined ? '' : `<small>${escaped(note)}</small>`
  return `<li${tone === undefined ? '' : ` class="${tone}"`}><span>${escaped(label)}</span><b>${escaped(value)}</b>${under}</li>`
}

function section({ title, text, charts = [], table }: Section): string {
  const figures = charts.map((chart) => `<figure><figcaption>${escaped(chart.title)}</figcaption>${chart.svg}</figure>`)
  return `<section><h2>${escaped(title)}</h2>
${text === undefined ? '' : `<p>${escaped(text)}</p>`}
${figures.length === 0 ? '' : `<div class="charts">${figures.join('')}</div>`}
${table === undefined ? '' : htmlTable(table)}
</section>`
}

function htmlTable({ columns, rows }: PageTable): string {
  if (rows.length === 0) return '<p class="none">None.</p>'
  const mark = (at: number): string => (columns[at]?.number === true ? ' class="number"' : '')
  const head = columns.map(({ title }, at) => `<th scope="col"${mark(at)}>${escaped(title)}</th>`)
  const body = rows.map((row) => `<tr>${row.map((cell, at) => `<td${mark(at)}>${cellHtml(cell)}</td>`).join('')}</tr>`)
  return `<div class="wide"><table><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`
}

function cellHtml(cell: PageCell): string {
  return typeof cell === 'string' ? escaped(cell) : `<span class="badge ${cell.tone}">${escaped(cell.text)}</span>`
}

const STYLE = `
:root { --ink: #1c2430; --soft: #5b6675; --line: #e3e7ec; --paper: #fff; --ground: #f5f7f9; --blue: #2c6fbb;
  --good: #1f7a4d; --warn: #9a6700; --bad: #b3261e; --good-ground: #e5f4ec; --warn-ground: #fdf3d8; --bad-ground: #fce8e6 }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif }
main { max-width: 1040px; margin: 0 auto; padding: 32px 24px 56px }
h1 { margin: 0; font-size: 28px; line-height: 1.2; letter-spacing: -.01em }
header p { margin: 6px 0 24px; color: var(--soft) }
h2 { margin: 0 0 8px; font-size: 17px }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 0 0 24px; padding:
  0; list-style: none }
.tiles li { padding: 12px 14px; background: var(--paper); border: 1px solid var(--line); border-top-width: 3px;
  border-radius: 10px }
.tiles li.good { border-top-color: var(--good) } .tiles li.warn { border-top-color: #d9a100 } .tiles li.bad { border-top-color: var(--bad) }
.tiles span, .tiles small { display: block; color: var(--soft); font-size: 12.5px }
.tiles b { display: block; margin: 2px 0; font-size: 21px; font-weight: 650; font-variant-numeric: tabular-nums; white-space: nowrap }
section { margin: 0 0 20px; padding: 18px 20px; background: var(--paper); border: 1px solid var(--line); border-radius: 10px }
section > p { margin: 0 0 12px; color: var(--soft) }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 20px; margin: 8px 0 }
figure { margin: 0 } figcaption { color: var(--soft); font-size: 12.5px; margin: 0 0 4px }
svg { display: block; width: 100%; height: auto } svg text { fill: var(--soft); font-size: 11px }
.wide { overflow-x: auto } table { width: 100%; border-collapse: collapse; font-size: 14px }
th { color: var(--soft); font-weight: 600; font-size: 12.5px; text-align: left; border-bottom: 1px solid var(--line) }
th, td { padding: 6px 10px 6px 0; white-space: nowrap } td { border-bottom: 1px solid var(--line) } tr:last-child td { border-bottom: 0 }
.number { text-align: right; font-variant-numeric: tabular-nums; padding-left: 10px }
td.number + td:not(.number), th.number + th:not(.number) { padding-left: 28px }
.badge { display: inline-block; padding: 0 9px; border-radius: 999px; font-size: 12.5px; font-weight: 600 }
.badge.good { color: var(--good); background: var(--good-ground) } .badge.warn { color: var(--warn); background: var(--warn-ground) }
.badge.bad { color: var(--bad); background: var(--bad-ground) } .none { color: var(--soft) }
@media print { body { background: none } section, .tiles li { break-inside: avoid } }
`
