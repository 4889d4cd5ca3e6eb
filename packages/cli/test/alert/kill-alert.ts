// One run that alerts, in a process that kills itself where it is told to.
import process from 'node:process'
import { alertRun } from './alert-run.ts'

const [point] = process.argv.slice(2)
const sent = await alertRun(process.cwd(), 1, true, (here) => {
  if (here === point) process.kill(process.pid, 'SIGKILL')
})
process.stdout.write(`sent ${sent}\n`)
