import { nearestName } from '@martlet/warehouse'

/** The end of a sentence: `; did you mean "x"?` when one of the names is similar, else a full stop. */
export function nearest(name: string, names: readonly string[]): string {
  const near = nearestName(name, names)
  return near === undefined ? '.' : `; did you mean ${JSON.stringify(near)}?`
}
