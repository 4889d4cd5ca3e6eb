/**
 * One server process of the benchmark. `minimal` does the same work with node:http, the online reader and the onnxruntime session
 * alone: no checks, limits, metrics or statuses. Any other kind is Martlet with the options that its JSON gives.
 *
 * node --conditions=@martlet/source bench/predict/server.ts minimal|'{…}' <folder>
 */
import { createServer, type ServerResponse } from 'node:http'
import { openOnlineReader } from '@martlet/feature-store'
import { listen, serving } from '@martlet/serving'
import * as ort from 'onnxruntime-node'
import { MODELS, openFilled, service, trees } from './fixture.ts'

const [kind = '{}', folder = ''] = process.argv.slice(2)
const { catalog, online, registry } = await openFilled(folder)

if (kind !== 'minimal') {
  const app = serving({ catalog, online, registry, auth: 'none', ...JSON.parse(kind) })
  const { port } = await listen(app, { port: 0 })
  process.stdout.write(`${port}\n`)
} else {
  const reader = openOnlineReader({ service: service.plan, store: online })
  const width = reader.service.views.reduce((sum, { features }) => sum + features.length, 0)
  const options: ort.InferenceSession.SessionOptions = {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  }
  const sessions = new Map<string, ort.InferenceSession>()
  for (const [model, count] of Object.entries(MODELS))
    sessions.set(`/v1/models/${model}/predict`, await ort.InferenceSession.create(trees(count), options))
  const answer = async (path: string, body: string): Promise<string> => {
    const { keys }: { readonly keys: readonly Record<string, string>[] } = JSON.parse(body)
    const vectors = await reader.read(keys)
    const data = new Float32Array(keys.length * width)
    for (let field = 0; field < width; field++) vectors.fill(field, data, field, width)
    const features = new ort.Tensor('float32', data, [keys.length, width])
    const outputs = await sessions.get(path)?.run({ features }, ['prediction'])
    const predicted = outputs?.['prediction']?.data ?? []
    return JSON.stringify({
      model: path,
      version: 1,
      rows: keys.map((key, row) => ({ keys: key, prediction: { prediction: predicted[row] } })),
    })
  }
  const respond = async (response: ServerResponse, path: string, body: string): Promise<void> => {
    const text = await answer(path, body)
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    response.end(text)
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      void respond(response, request.url ?? '', Buffer.concat(chunks).toString())
    })
  }).listen(0, '127.0.0.1', () => {
    const address = server.address()
    process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`)
  })
}
