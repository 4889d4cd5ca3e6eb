// Runs the demo with `--engine snowflake` on the double of Snowflake, which it starts and stops: npm run demo:double -- --customers 20 --days 60
import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { SnowflakeDouble } from '../../../../packages/warehouse/test/snowflake/double/double.ts'

const keys = await mkdtemp(join(tmpdir(), 'martlet-key-'))
const double = await SnowflakeDouble.start()
try {
  const key = join(keys, 'key.p8')
  await writeFile(key, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  const settings = { SNOWFLAKE_ACCOUNT: 'double', SNOWFLAKE_ACCESS_URL: double.url, SNOWFLAKE_USER: 'TESTER', SNOWFLAKE_PRIVATE_KEY_PATH: key, SNOWFLAKE_DATABASE: 'MARTLET', SNOWFLAKE_WAREHOUSE: 'DOUBLE' }
  const demo = spawn(process.execPath, ['--conditions=@martlet/source', join(import.meta.dirname, '../../src/demo/run.ts'), '--engine', 'snowflake', ...process.argv.slice(2)], { stdio: 'inherit', env: { ...process.env, ...settings } })
  process.exitCode = await new Promise<number>((ended) => demo.once('close', (code) => ended(code ?? 1)))
} finally {
  await double.stop()
  await rm(keys, { recursive: true, force: true })
}
