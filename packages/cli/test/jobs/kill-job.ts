// What a job does: notes that it begins and ends and that no other runs beside it, and writes what it is for.
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { followParent } from '../../src/schedule/follow-parent.ts'

await followParent()
const [, view = ''] = process.argv.slice(2)
const mine = `running-${view}`
// Of one that was killed; if it still lives, two run at once.
if (existsSync(mine) && isAlive(Number(readFileSync(mine, 'utf8')))) appendFileSync('log', `beside ${view}\n`)
writeFileSync(mine, String(process.pid))
await sleep(Math.random() * 60)
writeFileSync(`made-${view}.new`, `what ${view} makes\n`)
renameSync(`made-${view}.new`, `made-${view}`)
rmSync(mine)
appendFileSync('log', `end ${view}\n`)
process.stdout.write(`${JSON.stringify({ ok: true, command: 'materialize', exitCode: 0, view })}\n`)

function isAlive(pid: number): boolean {
  // One that was killed before it wrote its own.
  if (pid === 0) return false
  try {
    process.kill(pid, 0)
    // One that has ended, and that nobody has waited for yet, is a zombie.
    return !existsSync('/proc/self/stat') || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
