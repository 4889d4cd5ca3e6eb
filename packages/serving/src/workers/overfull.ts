/** Connections that one worker may have more than another before any of them move. */
const SLACK = 2

/** The worker that has clearly more connections than another, as after a crash, and how many of them should move. */
export function overfull<W extends { readonly open: number }>(
  workers: readonly W[],
): { readonly worker: W; readonly connections: number } | undefined {
  const byOpen = workers.toSorted((one, other) => one.open - other.open)
  const [fewest, most] = [byOpen[0], byOpen.at(-1)]
  if (fewest === undefined || most === undefined) return undefined
  const excess = most.open - fewest.open
  return excess > SLACK && excess > most.open / 4 ? { worker: most, connections: Math.floor(excess / 2) } : undefined
}
