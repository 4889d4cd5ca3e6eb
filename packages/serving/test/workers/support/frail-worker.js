// Speaks the language of a worker and nothing else. A file says what becomes of it: a number is its exit code, `stay` lets it live.
import { readFileSync } from 'node:fs'

const fate = readFileSync(process.argv[2], 'utf8')
if (fate !== 'stay') process.exit(Number(fate))
process.on('message', ({ kind }) => {
  if (kind === 'stop' || kind === 'force') process.exit(0)
})
process.on('disconnect', () => process.exit(0))
process.send({ kind: 'ready' })
