import { shownLength, type Paint } from './paint.ts'

export interface TableColumn {
  readonly title: string
  readonly right?: boolean
}

/**
 * Aligned columns under dim titles. The last column wraps when a line would be wider than the terminal; when there is no room
 * next to the others, it goes on lines of its own.
 */
export function table(
  columns: readonly TableColumn[],
  given: readonly (readonly string[])[],
  paint: Paint,
  width: number,
): string {
  const last = columns.length - 1
  // A newline in a value would otherwise begin a line that looks like a row.
  const rows = given.map((row) => row.map((text, i) => (i < last ? text.replaceAll('\n', '\\u000a') : text)))
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...rows.map((row) => shownLength(row[i] ?? ''))))
  const before = widths.slice(0, last).reduce((sum, one) => sum + one + 2, 0)
  const total = before + (widths[last] ?? 0)
  const stacked = total > width && width - before < LEAST_ROOM && columns[last]?.right !== true
  const cell = (text: string, i: number): string => {
    const space = ' '.repeat(Math.max(0, (widths[i] ?? 0) - shownLength(text)))
    return columns[i]?.right === true ? `${space}${text}` : `${text}${space}`
  }
  const line = (cells: readonly string[]): string => {
    const aligned = columns
      .slice(0, last)
      .map((_, i) => cell(cells[i] ?? '', i))
      .join('  ')
    const rest = cells[last] ?? ''
    if (columns[last]?.right === true) return `${aligned}  ${cell(rest, last)}`
    return stacked
      ? `${aligned.trimEnd()}\n${hanging('    ', rest, width)}`
      : hanging(last === 0 ? '' : `${aligned}  `, rest, width).trimEnd()
  }
  return [paint('dim', line(columns.map(({ title }) => title))), ...rows.map(line)].join('\n')
}

/** A last column narrower than this is hard to read. */
const LEAST_ROOM = 30

/** A line that begins with `prefix`, and wraps under its text when it is wider than the terminal. */
export function hanging(prefix: string, text: string, width: number): string {
  const before = shownLength(prefix)
  return wrapped(text, Math.max(24, width - before))
    .map((line, i) => `${i === 0 ? prefix : ' '.repeat(before)}${line}`)
    .join('\n')
}

/** Indented `name  value` lines. */
export function facts(pairs: readonly (readonly [string, string])[], width: number): readonly string[] {
  const longest = Math.max(...pairs.map(([name]) => name.length))
  return pairs.map(([name, value]) => hanging(`  ${name.padEnd(longest)}  `, value, width))
}

/** Breaks text at spaces into lines that fit. */
export function wrapped(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const lines: string[] = []
    let current = ''
    for (const word of line.split(' ')) {
      if (current !== '' && shownLength(current) + 1 + shownLength(word) > width) {
        lines.push(current)
        current = word
      } else current = current === '' ? word : `${current} ${word}`
    }
    return [...lines, current]
  })
}
