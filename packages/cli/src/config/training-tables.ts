interface NamedSet {
  readonly name: string
  readonly into?: string | undefined
}

/** The table that a training set is written to unless the command line names another. */
export function trainingTable({ name, into }: NamedSet): string {
  return into ?? `training.${name}`
}

/** Both engines ignore the case of names. */
export function sameTable(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/**
 * The name under which the manifest and the profile of a table are kept: that of the configured set whose table it is, else
 * `<name>` for `training.<name>`, else the table's. One table has one name and no two tables share one, so nothing remains of
 * rows that were replaced.
 */
export function keptAs(table: string, sets: readonly NamedSet[]): string {
  const owner = sets.find((set) => sameTable(trainingTable(set), table))
  if (owner !== undefined) return owner.name
  const lower = table.toLowerCase()
  const short = /^training\.([^.]+)$/.exec(lower)?.[1]
  const taken = (name: string): boolean => sets.some((set) => set.name.toLowerCase() === name)
  if (short !== undefined && !taken(short)) return short
  return taken(lower) ? `table ${lower}` : lower
}
