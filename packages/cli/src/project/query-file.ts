import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { MartletError, splitStatements, sql, type Sql } from '@martlet/warehouse'

/** One query, and where it is written. */
export interface WrittenQuery {
  readonly text: string
  readonly query: Sql
  readonly file: string
  readonly line: number
}

/** Whether a source is a file with a query; it is a table otherwise. */
export function isQueryFile(source: string): boolean {
  return /\.sql$/i.test(source)
}

/**
 * The only query of a file; `what` it is for, such as `The spine`, begins the errors.
 * @throws MartletError USAGE when the file cannot be read, or has not exactly one statement
 */
export async function readQueryFile(path: string, folder: string, what: string): Promise<WrittenQuery> {
  const file = resolve(folder, path)
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new MartletError('USAGE', `${what} ${file} cannot be read. Check the path, or name a table.`, {
      data: { file },
      cause,
    })
  })
  const statements = splitStatements(text)
  const [query] = statements
  if (query === undefined || statements.length > 1) {
    throw new MartletError(
      'USAGE',
      `${what} ${file} has ${statements.length} statements. Write exactly one query in it.`,
      {
        data: { file },
      },
    )
  }
  return { text: query.text, query: sql.raw(query.text), file, line: query.line }
}
