import fc from 'fast-check'

/** Checks a slow property with `runs` examples times MARTLET_RUNS; the seed is the run's own (see scripts/vitest-seed.ts). */
export async function check<T>(property: fc.IAsyncProperty<T>, { runs }: { readonly runs: number }): Promise<void> {
  await fc.assert(property, { numRuns: Math.max(1, Math.round(runs * Number(process.env['MARTLET_RUNS'] ?? 1))) })
}
