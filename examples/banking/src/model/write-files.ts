import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TrainedModel } from './train-fraud.ts'

/** The metrics as the registry takes them: of the model by its name, of the rule with `rule_` before it. */
export function metricsOf({ scores, rows, threshold }: TrainedModel): Readonly<Record<string, number>> {
  const figures = scores.flatMap(({ metric, model, rule }) => [
    [metric, model] as const,
    [`rule_${metric}`, rule] as const,
  ])
  return {
    ...Object.fromEntries(figures.filter(([, value]) => Number.isFinite(value))),
    ...Object.fromEntries(Object.entries(rows).map(([part, count]) => [`rows_${part}`, count])),
    threshold,
  }
}

/** Writes what `martlet models register` takes: `model.onnx`, `golden.json`, `metrics.json` and `inputs.json`. */
export async function writeModelFiles(folder: string, trained: TrainedModel): Promise<void> {
  await mkdir(folder, { recursive: true })
  const json = (name: string, value: unknown): Promise<void> => writeFile(join(folder, name), JSON.stringify(value))
  await writeFile(join(folder, 'model.onnx'), trained.onnx)
  await json('golden.json', trained.golden)
  await json('metrics.json', metricsOf(trained))
  await json('inputs.json', trained.inputs)
}
