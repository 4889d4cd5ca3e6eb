// A step: notes that it begins and ends, and that no other runs beside it.
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { followParent } from '../../src/schedule/follow-parent.ts'

await followParent()
const [name = '', slot = ''] = process.argv.slice(2)
const note = (what: string): void => appendFileSync('log', `${what} ${name} ${slot}\n`)
// Of a step that was killed; if it still lives, two run at once.
if (existsSync('running') && isAlive(Number(readFileSync('running', 'utf8')))) note('beside')
writeFileSync('running', String(process.pid))
note('begin')
await sleep(Math.random() * 40)
rmSync('running')
note('end')

function isAlive(pid: number): boolean {
  // A step that was killed before it wrote its own.
  if (pid === 0) return false
  try {
    process.kill(pid, 0)
    // One that has ended, and that nobody has waited for yet, is a zombie.
    return !existsSync('/proc/self/stat') || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
