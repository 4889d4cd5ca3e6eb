import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A line of the prediction log, as the server writes it. */
export function logLine(change: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    requestId: 'r-1',
    time: '2026-01-10T06:00:00.000123Z',
    model: 'usage',
    version: 1,
    sha256: 'abc',
    service: 'usage_only',
    row: 0,
    keys: { customer_id: 'a' },
    values: { usage__kwh_1d: 1.5, usage__kind: 'flat' },
    missing: {},
    times: {},
    prediction: { prediction: 34.5 },
    ...change,
  })
}

/** A folder of finished files for one test; each value is the lines of a file. */
export async function logFolder(files: Readonly<Record<string, readonly string[]>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-log-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [name, lines] of Object.entries(files)) await writeLog(folder, name, lines)
  return folder
}

export async function writeLog(folder: string, name: string, lines: readonly string[]): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true })
  await writeFile(join(folder, name), lines.map((line) => `${line}\n`).join(''))
}
