import { MartletError } from '@martlet/warehouse'

type Part =
  | 'source'
  | 'entity'
  | 'fact'
  | 'dimension'
  | 'lookup table'
  | 'precomputed'
  | 'view'
  | 'role'
  | 'on-demand feature'
  | 'service'
  | 'label'
  | 'spine'
  | 'feature'
  | 'column'
  | 'check'

/** Where in the definitions something stands, from the outside in: `{ view: 'usage', feature: 'kwh' }`. */
export type Place = Readonly<Partial<Record<Part, string>>>

/** The error of every wrong definition: code `INVALID_DEFINITION`, the place in the message and in `data`. */
export function invalid(place: Place, problem: string, cause?: unknown): MartletError {
  // oxlint-disable-next-line typescript/no-unnecessary-type-conversion -- callers without types may pass a symbol as a name
  const where = Object.entries(place).map(([part, name]) => `${part} '${String(name)}'`)
  const message = where.length === 0 ? problem : `${where.join(', ')}: ${problem}`
  return new MartletError('INVALID_DEFINITION', message, cause === undefined ? { data: place } : { data: place, cause })
}

/** Runs `work`, which meets what callers wrote; whatever it throws becomes an error that names the place. */
export function evaluate<T>(place: Place, what: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof MartletError) throw error
    throw invalid(place, `${what}: ${error instanceof Error ? error.message : String(error)}`, error)
  }
}
