import type { Page, PageCell, PageTable } from './page.ts'

/** The same report as Markdown, without its charts. */
export function markdownPage({ title, subtitle, tiles, sections }: Page): string {
  const facts = tiles.map(
    ({ label, value, note }) => `- ${label}: **${value}**${note === undefined ? '' : ` (${note})`}`,
  )
  const parts = sections.map(({ title: heading, text, table }) =>
    [`## ${heading}`, text, table === undefined ? undefined : markdownTable(table)]
      .filter((part) => part !== undefined)
      .join('\n\n'),
  )
  return `${[`# ${title}`, subtitle, facts.join('\n'), ...parts].join('\n\n')}\n`
}

function markdownTable({ columns, rows }: PageTable): string {
  if (rows.length === 0) return 'None.'
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    line(columns.map(({ title }) => title)),
    line(columns.map(({ number }) => (number === true ? '--:' : '---'))),
    ...rows.map((row) => line(row.map(cellText))),
  ].join('\n')
}

function cellText(cell: PageCell): string {
  return (typeof cell === 'string' ? cell : cell.text).replaceAll('|', '\\|')
}
