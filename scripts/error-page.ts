import type { SourceCodes } from './source-codes.ts'

/** A row of a table of the page whose first column is `code`. */
export interface PageRow {
  readonly code: string
  /** The HTTP statuses of a table that has them; undefined in other tables. */
  readonly statuses: readonly number[] | undefined
  /** Counted from 1. */
  readonly line: number
}

/** The rows of all tables of codes: those whose first column is called `code`, and whose second may be called `status`. */
export function rowsOfPage(page: string): readonly PageRow[] {
  const rows: PageRow[] = []
  let header: readonly string[] = []
  for (const [index, text] of page.split('\n').entries()) {
    const cells = text.startsWith('|') ? text.split('|').map((cell) => cell.trim()) : []
    const [, first = '', second = ''] = cells
    if (cells.length === 0) header = []
    else if (header.length === 0) header = [first, second]
    else if (header[0] === 'code' && !/^:?-+:?$/.test(first)) {
      const statuses = header[1] === 'status' ? second.split(/[ ,]+/).map(Number) : undefined
      rows.push({ code: first.replaceAll('`', ''), statuses, line: index + 1 })
    }
  }
  return rows
}

/** What the page lacks of the source's codes, and what it lists that the source does not have. */
export function pageProblems(page: string, path: string, { codes, unclear }: SourceCodes): readonly string[] {
  const rows = rowsOfPage(page)
  const thrown = rows.filter(({ statuses }) => statuses === undefined)
  const refused = rows.filter(({ statuses }) => statuses !== undefined)
  const problems = unclear.map((at) => `${at}  this code may be any text: give it a type that names its codes`)
  const reported = new Set<string>()
  for (const { code, status, at } of codes) {
    const found =
      status === undefined
        ? thrown.some((row) => row.code === code)
        : refused.some((row) => row.code === code && row.statuses?.includes(status))
    const name = status === undefined ? code : `${code} with status ${status}`
    if (found || reported.has(name)) continue
    reported.add(name)
    problems.push(`${at}  ${name} is not in ${path}: add a row that says when it is met and what to do`)
  }
  for (const { code, statuses, line } of rows) {
    const given = codes.filter((one) => one.code === code && (one.status === undefined) === (statuses === undefined))
    const unknown = statuses?.filter((status) => !given.some((one) => one.status === status)) ?? []
    if (given.length === 0) problems.push(`${path}:${line}  ${code} is not a code of the source: remove the row`)
    else if (unknown.length > 0)
      problems.push(`${path}:${line}  ${code} is not sent with status ${unknown.join(', ')}: correct the row`)
    const kind = statuses === undefined ? thrown : refused
    if (kind.some((row) => row.code === code && row.line < line))
      problems.push(`${path}:${line}  ${code} has a row already: keep one of them`)
  }
  return problems
}

/** Compares the codes that the page lists for exit code 64 with those of the command line. */
export function usageProblems(page: string, path: string, usage: ReadonlySet<string>): readonly string[] {
  const [, section = ''] = page.split('\n### Exit codes\n')
  const [, listed = ''] = (section.split('\n## ')[0] ?? '').split('64 means')
  const named = new Set([...listed.matchAll(/`([A-Z_]+)`/g)].map(([, code]) => code))
  return [
    ...[...usage].filter((code) => !named.has(code)).map((code) => `${path}  exit code 64 lacks ${code}: add it`),
    ...[...named]
      .filter((code) => code !== undefined && !usage.has(code))
      .map((code) => `${path}  ${code} does not end with 64`),
  ]
}
