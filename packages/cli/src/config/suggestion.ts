import { nearestName } from '@martlet/warehouse'

/** A sentence that follows an unknown name: `Did you mean x?`, or which names there are. */
export function suggestion(name: string, names: readonly string[], what: string): string {
  const near = nearestName(name, names)
  if (near !== undefined) return `Did you mean ${near}?`
  if (names.length === 0) return `There are no ${what} yet.`
  return `There ${names.length === 1 ? 'is' : 'are'} ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', …' : ''}.`
}
