/** One thing that doctor looked at. */
export interface Check {
  readonly name: string
  readonly state: 'ok' | 'warn' | 'fail'
  readonly found: string
  /** What to do about it. */
  readonly fix?: string
}

/** Runs one check; what it throws is what it found. */
export async function attempt(name: string, fix: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { name, state: 'ok', found: await look() }
  } catch (error) {
    return {
      name,
      state: 'fail',
      found: (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '',
      fix,
    }
  }
}
