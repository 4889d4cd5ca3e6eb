// docs/python.md from the training set to a champion, with the Python that is named on the command line.
import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { seededProject } from '../run-martlet.ts'

const [given = 'python3'] = process.argv.slice(2)
// A path counts from where this was started, a bare name from PATH.
const python = given.includes('/') ? resolve(given) : given
const script = join(import.meta.dirname, '../../../../docs/python/train_lightgbm.py')
const features = ['customer_usage__kwh_1d', 'customer_usage__kwh_7d']

await using project = await seededProject()
await project.json(0, 'apply', '--yes')
await project.json(0, 'materialize')
await project.json(0, 'training-set', 'next_day_training', '--csv', 'training.csv')
process.stdout.write(
  execFileSync(python, [script, 'training.csv', 'next_day_kwh', 'out', ...features], {
    cwd: project.folder,
    encoding: 'utf8',
  }),
)
const files = ['--onnx', 'out/model.onnx', '--golden', 'out/golden.json', '--metrics', 'out/metrics.json']
await project.json(
  0,
  'models',
  'register',
  'next_day_kwh',
  ...files,
  '--service',
  'next_day',
  '--training-set',
  'next_day_training',
)
await project.json(0, 'models', 'promote', 'next_day_kwh', '1', '--reason', 'first')
process.stdout.write((await project.martlet('models', 'show', 'next_day_kwh', '1')).stdout)
