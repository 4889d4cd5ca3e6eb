// A project of every type, served by the command, and read with Feast's own SDK through what `martlet export feast` writes:
//   node --conditions=@martlet/source run-feast.ts <python with feast>
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { z } from 'zod'
import { registryOnSnowflake } from '../../../../cli/test/registry-on-snowflake.ts'
import { emptyFolder } from '../../../../cli/test/run-martlet.ts'

const [python = '.tmp/python-feast/bin/python'] = process.argv.slice(2)
await using project = await emptyFolder()
await cp(join(import.meta.dirname, 'project'), project.folder, { recursive: true })
const seeded = await project.node('seed.ts')
if (seeded.code !== 0) throw new Error(seeded.stderr)
await project.json(0, 'apply', '--yes')
await project.json(0, 'materialize')

const server = project.start('serve', '--json')
try {
  const { url } = z.object({ url: z.string() }).parse(JSON.parse(await server.printed('"url"', 'stdout')))
  console.log(JSON.stringify(await project.json(0, 'export', 'feast', '--url', url, '--project', 'hotel')))
  await writeFile(project.path('feast', 'snowflake.db'), await registryOnSnowflake(project, 'hotel'))
  const client = spawn(resolve(python), [join(import.meta.dirname, 'read_feast.py'), project.path('feast')], {
    stdio: 'inherit',
    env: { ...process.env, FEAST_USAGE: 'False', MARTLET_KEY: 'key of reader', NARROW_KEY: 'key of narrow' },
  })
  const [code] = await once(client, 'exit')
  process.exitCode = code === 0 ? 0 : 1
} finally {
  server.child.kill('SIGTERM')
  const { stderr } = await server.ended
  // A server that printed an error is no better than a client that did.
  if (/ \(request /.test(stderr)) {
    console.error(stderr)
    process.exitCode = 1
  }
}
