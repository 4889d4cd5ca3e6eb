/**
 * The same inference requests of the Open Inference Protocol (JSON, twenty numbers a row) to Martlet and to MLServer with
 * onnxruntime, one process each, on the same file of a hundred trees. Optional: needs Python with
 * `scripts/second-opinion-clients-triton.txt` and onnxruntime.
 *
 * node --conditions=@martlet/source bench/beside/mlserver.ts [python] [seconds a run] [rounds]
 */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { trees } from '../predict/fixture.ts'
import { compare, type Side } from './compare.ts'
import { freePort, startServer } from './python-process.ts'

const WIDTH = 20
const [python = '.tmp/clients-triton/bin/python', seconds = '3', rounds = '4'] = process.argv.slice(2)
const here = import.meta.dirname
const folder = await mkdtemp(join(tmpdir(), 'martlet-bench-mlserver-'))
const [httpPort, grpcPort, metricsPort, martletPort] = await Promise.all([
  freePort(),
  freePort(),
  freePort(),
  freePort(),
])
await writeFile(join(folder, 'trees.onnx'), trees(100))
await cp(join(here, 'mlserver_onnx.py'), join(folder, 'mlserver_onnx.py'))
await writeFile(
  join(folder, 'settings.json'),
  JSON.stringify({
    host: '127.0.0.1',
    http_port: httpPort,
    grpc_port: grpcPort,
    metrics_port: metricsPort,
    parallel_workers: 0,
  }),
)
await writeFile(
  join(folder, 'model-settings.json'),
  JSON.stringify({ name: 'trees', implementation: 'mlserver_onnx.OnnxModel', parameters: { uri: './trees.onnx' } }),
)
const mlserver = await startServer(
  httpPort,
  '/v2/models/trees/ready',
  [join(dirname(resolve(python)), 'mlserver'), 'start', folder],
  { cwd: folder },
)
const martlet = await startServer(martletPort, '/v2/models/trees/ready', [
  process.execPath,
  '--conditions=@martlet/source',
  join(here, 'martlet-models.ts'),
  join(folder, 'martlet'),
  String(martletPort),
])
try {
  for (const rows of [1, 100]) {
    const data = Array.from({ length: rows * WIDTH }, (_, index) => Math.fround(Math.abs(Math.sin(index))))
    const body = JSON.stringify({
      inputs: [{ name: 'features', shape: [rows, WIDTH], datatype: 'FP32', data }],
    })
    const side = (name: string, server: Side['server']): Side => ({
      name,
      server,
      request: `/v2/models/trees/infer*${body}`,
    })
    await compare(
      `${rows} × ${WIDTH}, /v2/models/trees/infer`,
      [side('martlet', martlet), side('mlserver', mlserver)],
      {
        connections: 8,
        seconds: Number(seconds),
        rounds: Number(rounds),
      },
    )
  }
} finally {
  await Promise.all([mlserver.stop(), martlet.stop()])
  await rm(folder, { recursive: true, force: true })
}
