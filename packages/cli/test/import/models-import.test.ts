import { mkdir, writeFile } from 'node:fs/promises'
import { linearRegressionOnnx } from '@martlet/registry'
import { expect, it } from 'vitest'
import { emptyFolder } from '../run-martlet.ts'

const config = `import { defineConfig } from 'martlet'
export default defineConfig({
  warehouse: { duckdb: 'w.duckdb' }, catalog: { sqlite: 'c.sqlite' }, online: 'memory', artifacts: { folder: 'artifacts' },
  definitions: () => import('./definitions.ts'),
})
`
const definitions = `import { entity, featureService, featureView, precomputed } from '@martlet/feature-store'
import { z } from 'zod'
const plot = entity('plot', { plot_id: z.int() })
const rows = precomputed('mart.plots', {
  columns: { plot_id: z.int(), at: z.date(), rain: z.number(), soil: z.number() }, entity: plot, time: 'at',
})
const plots = featureView('plots', {
  of: plot, from: rows, every: '1d', features: (f) => ({ rain: f.column('rain'), soil: f.column('soil') }),
})
export const growth = featureService('growth', [plots])
`
const mlModel = (columns: readonly string[]): string => `flavors:
  onnx: {data: model.onnx}
run_id: r1
signature:
  inputs: '${JSON.stringify(columns.map((name) => ({ type: 'double', name })))}'
`

it('models import takes a folder of MLflow once, and refuses one whose columns are not the features', async () => {
  await using project = await emptyFolder()
  await project.write('martlet.config.ts', config)
  await project.write('definitions.ts', definitions)
  await mkdir(project.path('model'))
  await project.write('model/MLmodel', mlModel(['rain', 'soil']))
  await writeFile(
    project.path('model', 'model.onnx'),
    linearRegressionOnnx({ features: ['plots__rain', 'plots__soil'], weights: [1, 2], bias: 3 }),
  )
  const imports = (code: number, ...more: string[]) =>
    project.json(code, 'models', 'import', 'model', '--service', 'growth', '--model', 'yield', ...more)
  const error = (code: string, message: unknown) => ({ error: { code, message } })
  expect(await imports(64)).toMatchObject(
    error('USAGE', expect.stringContaining('or a file golden.json in the folder')),
  )
  await project.write('model/golden.json', '{"inputs":[[1,2]],"outputs":{"prediction":[8]}}')
  const stored = { model: 'yield', version: 1, runId: 'r1', source: 'model', metrics: { rmse: 0.5 }, tags: { a: 'b' } }
  await project.write('metrics.json', '{"rmse":0.5}')
  const more = ['--metrics', 'metrics.json', '--tag', 'a=b']
  expect(await imports(0, ...more)).toMatchObject({ created: true, version: stored })
  expect(await imports(0, ...more)).toMatchObject({ created: false, version: stored })
  await project.write('model/MLmodel', mlModel(['soil', 'rain']))
  expect(await imports(1)).toMatchObject(
    error('MLFLOW_SIGNATURE_MISMATCH', expect.stringContaining('at position 0 the signature has column "soil"')),
  )
  expect(await project.json(64, 'models', 'import', 'models:/x/1', '--service', 'growth')).toMatchObject(
    error('USAGE', expect.stringContaining('Name it with --from, or in MLFLOW_TRACKING_URI')),
  )
})
