import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const part = z.strictObject({
  column: z.string(),
  /** Numbers are put into groups of this width; without it, texts are groups as they are. */
  width: z.number().positive().optional(),
})

const spec = z.strictObject({
  question: z.string(),
  service: z.string(),
  trainingSet: z.string(),
  label: z.string(),
  /** Yes or no, or an amount. */
  kind: z.enum(['binary', 'amount']),
  output: z.string(),
  /** The mean of the label in a row's group; where that has too few rows, in the next grouping's. */
  baseline: z.strictObject({ name: z.string(), groups: z.array(z.array(part).min(1)).min(1) }),
})

/** What a model predicts, from which rows, and what it is compared with: the same for both trainers. */
export type ModelSpec = z.infer<typeof spec>

/** The models of `train/models.json`, by name. */
export async function readSpecs(): Promise<ReadonlyMap<string, ModelSpec>> {
  const text = await readFile(join(import.meta.dirname, '../../train/models.json'), 'utf8')
  return new Map(Object.entries(z.record(z.string(), spec).parse(JSON.parse(text))))
}
