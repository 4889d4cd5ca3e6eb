// Starts a model's process, sets it a task without end, prints its id and dies without a word.
import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { isolatedRuntime } from '../../src/index.ts'
import { loopModel } from './hostile-models.ts'

const session = await isolatedRuntime({ runMs: 60_000 }).open(loopModel())
void session
  .run({ x: { element: 'float32', dims: [1, 1], data: Float32Array.of(2 ** 40) } }, ['y'])
  .catch(() => undefined)
// long enough for the run to be under way
setTimeout(() => {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n')
  const line = lines.find(
    (text) => text.includes('model-process') && Number(text.trim().split(/\s+/)[1]) === process.pid,
  )
  process.stdout.write(`${line?.trim().split(/\s+/)[0]}`, () => process.kill(process.pid, 'SIGKILL'))
}, 500)
