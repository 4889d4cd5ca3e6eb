/** What a scan found in a column, or why it could not count it. */
export type Scanned<R> = { readonly found: R } | { readonly failed: string }

/**
 * Scans columns together, and one by one when that fails, so that a column that the engine cannot count does not stop the
 * others from being counted.
 *
 * `check` is a statement on the same rows that does not touch the columns: when it fails too, as on a lost connection, its
 * error is thrown.
 */
export async function columnByColumn<C, R>(
  columns: readonly C[],
  scan: (columns: readonly C[]) => Promise<readonly R[]>,
  check: () => Promise<unknown>,
): Promise<readonly Scanned<R>[]> {
  try {
    return (await scan(columns)).map((found) => ({ found }))
  } catch {
    await check()
  }
  const scanned: Scanned<R>[] = []
  for (const column of columns) {
    try {
      const [found] = await scan([column])
      scanned.push(found === undefined ? { failed: 'the engine returned nothing' } : { found })
    } catch (error) {
      await check()
      scanned.push({ failed: reasonOf(error) })
    }
  }
  return scanned
}

/** The first line of an error, shortened: the other lines repeat the statement and its values. */
function reasonOf(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
  return line.length > 160 ? `${line.slice(0, 159)}…` : line
}
