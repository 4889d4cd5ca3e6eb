const NUMBER = /^-?[\d.,]+ ?[%a-z]*$/

/** Columns under headings, numbers to the right. */
export function tableOf(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows]
  const widths = headings.map((_, at) => Math.max(...all.map((row) => (row[at] ?? '').length)))
  const right = headings.map((_, at) => rows.length > 0 && rows.every((row) => NUMBER.test(row[at] ?? '')))
  return all
    .map((row) =>
      widths
        .map((width, at) => (right[at] ? (row[at] ?? '').padStart(width) : (row[at] ?? '').padEnd(width)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
