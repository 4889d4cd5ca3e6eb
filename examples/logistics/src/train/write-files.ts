import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TrainedModel } from './train-model.ts'

/** The metrics as the registry takes them: of the model by its name, of the baseline with `baseline_` before it. */
export function metricsOf({ scores, rows }: Pick<TrainedModel, 'scores' | 'rows'>): Readonly<Record<string, number>> {
  return Object.fromEntries([
    ...scores.flatMap(({ metric, model, baseline }) => [
      [metric, model],
      [`baseline_${metric}`, baseline],
    ]),
    ...Object.entries(rows).map(([part, count]) => [`rows_${part}`, count]),
  ])
}

/** Writes what `martlet models register` takes: `model.onnx`, `golden.json`, `metrics.json` and `inputs.json`. */
export async function writeModelFiles(folder: string, trained: TrainedModel): Promise<void> {
  await mkdir(folder, { recursive: true })
  const json = (name: string, value: unknown): Promise<void> => writeFile(join(folder, name), JSON.stringify(value))
  await writeFile(join(folder, 'model.onnx'), trained.onnx)
  await json('golden.json', trained.golden)
  await json('metrics.json', metricsOf(trained))
  await json('inputs.json', trained.inputs)
  await json('calibration.json', trained.calibration)
}
