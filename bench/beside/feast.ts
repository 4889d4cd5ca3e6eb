/**
 * The same requests in Feast's own format to Martlet (LMDB) and to Feast's feature server (SQLite, its default), one process each:
 * one entity and a hundred, ten features of five views, 10 000 entities. Optional: needs Python with `scripts/second-opinion-feast.txt`.
 *
 * node --conditions=@martlet/source bench/beside/feast.ts [python] [seconds a run] [rounds]
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { compare, type Side } from './compare.ts'
import { freePort, startServer } from './python-process.ts'

const [python = '.tmp/python-feast/bin/python', seconds = '3', rounds = '4'] = process.argv.slice(2)
const store = join(tmpdir(), 'martlet-bench-http')
await mkdir(store, { recursive: true })
const repository = await mkdtemp(join(tmpdir(), 'martlet-bench-feast-'))
const here = import.meta.dirname
const quiet = { FEAST_USAGE: 'False', PYTHONWARNINGS: 'ignore' }

const made = spawn(resolve(python), [join(here, 'feast_repository.py'), repository], {
  stdio: ['ignore', 'ignore', 'inherit'],
  env: { ...process.env, ...quiet },
})
const [code] = await once(made, 'exit')
if (code !== 0) throw new Error(`feast_repository.py ended with ${code}.`)

const feastPort = await freePort()
const martletPort = await freePort()
const feast = await startServer(
  feastPort,
  '/health',
  [
    join(dirname(resolve(python)), 'feast'),
    'serve',
    '--port',
    String(feastPort),
    '--workers',
    '1',
    '--no-access-log',
    '--max-requests',
    '0',
  ],
  { cwd: repository, env: quiet },
)
const martlet = await startServer(martletPort, '/health/ready', [
  process.execPath,
  '--conditions=@martlet/source',
  join(here, 'martlet-features.ts'),
  store,
  String(martletPort),
])
try {
  for (const rows of [1, 100]) {
    const body = JSON.stringify({
      feature_service: 'small',
      full_feature_names: true,
      entities: { customer_id: Array.from({ length: rows }, () => 'customer-000000') },
    })
    const side = (name: string, server: Side['server']): Side => ({
      name,
      server,
      request: `/get-online-features*${body}`,
    })
    await compare(`${rows} × 50, /get-online-features`, [side('martlet', martlet), side('feast', feast)], {
      connections: 8,
      seconds: Number(seconds),
      rounds: Number(rounds),
    })
  }
} finally {
  await Promise.all([feast.stop(), martlet.stop()])
  await rm(repository, { recursive: true, force: true })
}
