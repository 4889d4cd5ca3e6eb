import process from 'node:process'
import type { TestProject } from 'vitest/node'
import { bundleSources } from './bundle-sources.ts'

/** Processes that tests start import the bundled sources, unless MARTLET_BUNDLE=0; vitest's own never do. */
export async function setup(project: TestProject): Promise<void> {
  if (process.env['MARTLET_BUNDLE'] === '0') return
  const bundle = async (): Promise<void> => void (process.env['MARTLET_BUNDLE'] = await bundleSources())
  project.onTestsRerun(bundle)
  await bundle()
}
