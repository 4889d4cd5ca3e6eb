import process from 'node:process'
import { afterAll, vi } from 'vitest'

/** The driver of Snowflake sets these when it is loaded, which is once in a process. */
const OF_DRIVER = new Set(['SNOWFLAKE_DISABLE_PLATFORM_DETECTION', 'SF_TELEMETRY_DISABLE_CONNECTION_SHAPE'])
/** What files that share a process would see of each other. */
const found = { variables: { ...process.env }, folder: process.cwd() }

/** A file leaves the process as it found it; otherwise it fails, and the files after it do not. */
afterAll(() => {
  const left: string[] = []
  for (const name of new Set([...Object.keys(found.variables), ...Object.keys(process.env)])) {
    const before = found.variables[name]
    if (process.env[name] === before || OF_DRIVER.has(name)) continue
    left.push(name)
    if (before === undefined) delete process.env[name]
    else process.env[name] = before
  }
  if (process.cwd() !== found.folder) {
    left.push(`the folder ${process.cwd()}`)
    process.chdir(found.folder)
  }
  if (vi.isFakeTimers()) {
    left.push('fake timers')
    vi.useRealTimers()
  }
  if (left.length > 0)
    throw new Error(
      `This file leaves behind, for the files after it in its process: ${left.join(', ')}. Undo it in it.`,
    )
})
