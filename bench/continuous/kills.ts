// Kills the server, the pusher and the drain at random while payments are pushed, and counts afterwards what was acknowledged:
// `npx node --conditions=@martlet/source bench/continuous/kills.ts --kills 100 [--seed 1]`.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { killsRun } from './kills-run.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
})
const folder = await mkdtemp(join(tmpdir(), 'martlet-kills-'))
try {
  const seed = Number(values.seed)
  console.log(`seed ${seed}`)
  const { differences, ...result } = await killsRun({ folder, kills: Number(values.kills), seed })
  console.log(JSON.stringify(result))
  for (const difference of differences.slice(0, 20)) console.log(difference)
  console.log(`${differences.length} differences`)
  if (differences.length + result.lost + result.twice > 0) process.exitCode = 1
} finally {
  await rm(folder, { recursive: true, force: true })
}
