// A step: notes that it begins and ends, and that no other runs beside it.
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { isProcessAlive } from '../../../feature-store/src/catalog/process-alive.ts'
import { followParent } from '../../src/schedule/follow-parent.ts'

followParent()
const [name = '', slot = ''] = process.argv.slice(2)
const note = (what: string): void => appendFileSync('log', `${what} ${name} ${slot}\n`)
try {
  mkdirSync('running')
} catch {
  // Of a step that was killed; if it still lives, two run at once.
  if (isProcessAlive(Number(readFileSync('running/pid', 'utf8').trim() || '0'))) note('beside')
}
writeFileSync('running/pid', String(process.pid))
note('begin')
await sleep(Math.random() * 40)
rmSync('running', { recursive: true })
note('end')
