import fc from 'fast-check'

/** How many of `runs` examples are drawn: so many times MARTLET_RUNS, and at least one. */
export function drawsOf(runs: number): number {
  return Math.max(1, Math.round(runs * Number(process.env['MARTLET_RUNS'] ?? 1)))
}

/** Checks a slow property with `runs` examples times MARTLET_RUNS; the seed is the run's own (see scripts/vitest-seed.ts). */
export async function check<T>(property: fc.IAsyncProperty<T>, { runs }: { readonly runs: number }): Promise<void> {
  await fc.assert(property, { numRuns: drawsOf(runs) })
}
