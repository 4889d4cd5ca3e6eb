import { join } from 'node:path'
import { loadProject } from 'martlet'
import { rowsFrom, type Row } from '../jobs/rows.ts'
import { EXAMPLE } from './operations-commands.ts'

/** The rows of a query in the warehouse of the example, which is open for this moment only. */
export async function readRows(text: string): Promise<readonly Row[]> {
  await using project = await loadProject(join(EXAMPLE, 'martlet.config.ts'))
  return await rowsFrom(await project.warehouse(), text)
}

/** Columns side by side. */
export function tableLines(rows: readonly Row[], names: readonly string[]): readonly string[] {
  const text = (value: Row[string] | undefined): string => {
    if (value === null || value === undefined) return '–'
    if (value instanceof Date) return value.toISOString().slice(0, 19).replace('T', ' ')
    return typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(2) : String(value)
  }
  const cells = [names, ...rows.map((row) => names.map((name) => text(row[name])))]
  const widths = names.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)))
  return cells.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
