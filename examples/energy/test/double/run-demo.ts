// Runs the demo with `--engine snowflake` on the double of Snowflake, which it starts and stops:
// npm run demo:double -- --customers 20 --days 60
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { SnowflakeDouble } from '../../../../packages/warehouse/test/snowflake/double/double.ts'
import { runDemo, settingsOf } from './demo-process.ts'

const folder = await mkdtemp(join(tmpdir(), 'martlet-key-'))
const double = await SnowflakeDouble.start()
try {
  const { code } = await runDemo(
    ['--engine', 'snowflake', ...process.argv.slice(2)],
    await settingsOf(double, folder),
    'inherit',
  )
  process.exitCode = code
} finally {
  await double.stop()
  await rm(folder, { recursive: true, force: true })
}
