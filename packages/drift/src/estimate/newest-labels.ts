/** Labels that a test of the assumption is made on, at least, when there are so many. */
const TESTED_LABELS = 1000

/** The newest windows, given oldest first, until they have enough labels. */
export function newestLabels<T>(windows: readonly T[], labelled: (window: T) => number): readonly T[] {
  const newest: T[] = []
  let labels = 0
  for (const window of windows.toReversed()) {
    if (labels >= TESTED_LABELS) break
    newest.push(window)
    labels += labelled(window)
  }
  return newest
}
