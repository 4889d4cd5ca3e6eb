import { spawn, type StdioOptions } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import type { SnowflakeDouble } from '../../../../packages/warehouse/test/snowflake/double/double.ts'

const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
})

/** The environment in which the demo finds a double; its private key is written to `folder`. */
export async function settingsOf(double: SnowflakeDouble, folder: string): Promise<Readonly<Record<string, string>>> {
  const key = join(folder, 'key.p8')
  await writeFile(key, privateKey, { mode: 0o600 })
  return {
    SNOWFLAKE_ACCOUNT: 'double',
    SNOWFLAKE_ACCESS_URL: double.url,
    SNOWFLAKE_USER: 'TESTER',
    SNOWFLAKE_PRIVATE_KEY_PATH: key,
    SNOWFLAKE_DATABASE: 'MARTLET',
    SNOWFLAKE_WAREHOUSE: 'DOUBLE',
  }
}

export interface DemoEnd {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** This process's environment without the settings of an account. */
export const plainEnvironment: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('SNOWFLAKE_')),
)

/** Runs the demo as a person would; returns what it prints, or shows it with `stdio: 'inherit'`. */
export function runDemo(
  flags: readonly string[],
  settings: Readonly<Record<string, string>> = {},
  stdio: StdioOptions = ['ignore', 'pipe', 'pipe'],
): Promise<DemoEnd> {
  const demo = spawn(
    process.execPath,
    ['--conditions=@martlet/source', join(import.meta.dirname, '../../src/demo/run.ts'), ...flags],
    { stdio, env: { ...plainEnvironment, ...settings } },
  )
  let [out, err] = ['', '']
  demo.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text))
  demo.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text))
  return new Promise((ended) => demo.once('close', (code) => ended({ code: code ?? 1, out, err })))
}
