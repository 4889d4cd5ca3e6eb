import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { mlflowServer } from '../../src/import/mlflow/mlflow-server.ts'
import { remoteModel } from '../../src/import/mlflow/remote-model.ts'
import { runRecord } from '../../src/import/mlflow/run-record.ts'

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://127.0.0.1:${address.port}`
}

const { signal } = new AbortController()
const at = (url: string, env: Readonly<Record<string, string>> = {}, silenceMs = 5000) =>
  mlflowServer(url, { env, signal, silenceMs })

test('credentials come from the environment, go to the server, and are in no message', async () => {
  const seen: (string | undefined)[] = []
  const url = await serve((request, response) => {
    seen.push(request.headers.authorization)
    response.writeHead(401).end('{"error_code":"UNAUTHENTICATED","message":"no"}')
  })
  const env = { MLFLOW_TRACKING_TOKEN: 'very-secret' }
  const error = await at(url, env)
    .json('/x', {}, z.object({}))
    .catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code: 'MLFLOW_REFUSED' })
  expect(String(error)).toContain('/x with 401: no. Set MLFLOW_TRACKING_TOKEN')
  expect(JSON.stringify(error) + String(error)).not.toContain('very-secret')
  await at(url, { MLFLOW_TRACKING_USERNAME: 'u', MLFLOW_TRACKING_PASSWORD: 'p' })
    .json('/x', {}, z.object({}))
    .catch(() => undefined)
  expect(seen).toEqual(['Bearer very-secret', `Basic ${Buffer.from('u:p').toString('base64')}`])
})

test.each([
  ['http://user:very-secret@mlflow:5000', 'has credentials in it'],
  ['mlflow:5000', 'must be an http:// or https:// URL'],
  ['file:///tmp', 'must be an http:// or https:// URL'],
])('the address %s is refused', (address, message) => {
  expect(() => at(address)).toThrow(message)
  expect(() => at(address)).not.toThrow('very-secret')
})

test('redirects are not followed', async () => {
  let elsewhere = 0
  const other = await serve((_, response) => {
    elsewhere += 1
    response.end('{}')
  })
  const url = await serve((_, response) => response.writeHead(302, { location: other }).end())
  await expect(at(url).json('/x', {}, z.object({}))).rejects.toThrow('with 302. It redirects, which is not followed')
  expect(elsewhere).toBe(0)
})

test('a file that is too large is not read to its end, whether its length is said or not', async () => {
  let sent = 0
  const url = await serve((request, response) => {
    if (request.url === '/said') response.writeHead(200, { 'content-length': 5000 }).end(Buffer.alloc(5000))
    else {
      const more = (): void => {
        sent += 1
        if (sent < 10_000 && !response.destroyed && response.write(Buffer.alloc(1000))) setImmediate(more)
        else if (!response.destroyed) response.once('drain', more)
      }
      more()
    }
  })
  for (const path of ['/said', '/unsaid'])
    await expect(at(url).file(path, {}, 4000)).rejects.toMatchObject({ code: 'MLFLOW_TOO_LARGE' })
  expect(sent).toBeLessThan(10_000)
})

test('a server that falls silent, or is not there, or is another one', async () => {
  const silent = await serve((_, response) => response.write('{'))
  await expect(at(silent, {}, 100).json('/x', {}, z.object({}))).rejects.toThrow('it sent nothing for 0.1 s')
  await expect(at('http://127.0.0.1:1').json('/x', {}, z.object({}))).rejects.toMatchObject({
    code: 'MLFLOW_UNREACHABLE',
  })
  const page = await serve((_, response) => response.end('<html>'))
  await expect(at(page).json('/x', {}, z.object({}))).rejects.toThrow('Is it the address of an MLflow server?')
})

test('numbers that JSON has no word for, and a run without any', async () => {
  const metrics = [
    { key: 'a', value: 0.5 },
    { key: 'b', value: 'NaN' },
    { key: 'c', value: '-Infinity' },
  ]
  const url = await serve((request, response) =>
    response.end(
      JSON.stringify({ run: request.url?.endsWith('=bare') === true ? { info: {} } : { data: { metrics } } }),
    ),
  )
  expect(await runRecord(at(url), 'r')).toEqual({ metrics: { a: 0.5, b: Number.NaN, c: -Infinity }, params: {} })
  expect(await runRecord(at(url), 'bare')).toEqual({ metrics: {}, params: {} })
})

test('files of another host are refused, because they would get the credentials', async () => {
  const url = await serve((request, response) => {
    const isUri = request.url?.includes('get-download-uri') === true
    response.end(
      JSON.stringify(
        isUri
          ? { artifact_uri: 'mlflow-artifacts://elsewhere:80/x' }
          : { model_version: { name: 'churn', version: '3' } },
      ),
    )
  })
  await expect(remoteModel('models:/churn/3', at(url))).rejects.toThrow('are on elsewhere:80, and credentials go to')
})

test.each([
  'models:/churn',
  'models:/churn@',
  'runs:/abc',
  'runs:/abc/../../x',
  's3://bucket/model',
  'models:/churn/x',
])('%s names no version', async (uri) => {
  await expect(remoteModel(uri, at('http://127.0.0.1:1'))).rejects.toMatchObject({ code: 'USAGE' })
})
