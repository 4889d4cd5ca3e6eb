// One of several processes that write to the same registry: node writer.ts <folder> <name> <seed> <operations> <pause>
// It waits `pause` milliseconds after each statement, so that a kill is likely to come between two of them.
// Prints one JSON line for each change after it was acknowledged.
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { MartletError } from '@martlet/warehouse'
import { folderArtifacts, linearRegressionOnnx, nodeRuntime, openRegistry } from '../../src/index.ts'
import { openPlace, placeOf } from './places.ts'
import { service } from './services.ts'

const [folder = '', name = '', seed = '0', operations = '0', pause = '0'] = process.argv.slice(2)
const { db: fast, dialect, close } = await openPlace(placeOf(folder), 200)
const slow = fast.withPlugin({
  transformQuery: ({ node }) => node,
  async transformResult({ result }) {
    await sleep(Number(pause))
    return result
  },
})
// the store is under test and not the models: they are tried in this process, so that many are registered in the time there is
const { name: runtimeName, open } = await nodeRuntime()
const registry = await openRegistry({
  db: pause === '0' ? fast : slow,
  artifacts: folderArtifacts(join(folder, 'artifacts')),
  dialect,
  runtime: { name: runtimeName, open },
})

let state = Number(seed) >>> 0
const random = (below: number): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return Math.floor((state / 2 ** 32) * below)
}
const say = (event: object): void => void writeSync(1, `${JSON.stringify({ by: name, ...event })}\n`)
const because = { reason: `by ${name}`, actor: name }

say({ did: 'start' })
for (let step = 0; step < Number(operations); step += 1) {
  // half of the models are the same in all processes, so that they meet
  const bias = random(2) === 0 ? random(8) : 1000 + random(1_000_000)
  const { version, created } = await registry.register({
    model: 'shared',
    onnx: linearRegressionOnnx({ features: ['usage__a'], weights: [1], bias }),
    service: service([{ name: 'a' }]),
    goldenRows: { inputs: [[1]], outputs: { prediction: [1 + bias] }, tolerance: { absolute: 0, relative: 0 } },
    tags: { by: name },
    actor: name,
  })
  say({ did: 'register', version: version.version, created, sha256: version.artifact.sha256, bias })
  try {
    const { live } = await registry.history('shared', 'champion')
    const back = random(4) === 0 && live !== null
    const move = back
      ? await registry.rollback('shared', 'champion', because)
      : await registry.setAlias('shared', 'champion', version.version, { ...because, expect: live })
    // Setting an alias to its own version is not a move.
    if (back || live !== version.version) say({ did: 'move', sequence: move.sequence, from: move.from, to: move.to })
  } catch (error) {
    if (!(error instanceof MartletError) || !['ALIAS_MOVED', 'NO_EARLIER_VERSION'].includes(error.code)) throw error
    say({ did: 'lose', code: error.code })
  }
}
say({ did: 'end' })
await close()
