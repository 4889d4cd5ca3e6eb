import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hashApiKey, type ServingApp } from '../../src/index.ts'
import { inferenceBacking } from '../open-inference/support/inference-backing.ts'
import { trustedRuntime } from '../support/backing.ts'

let folder: string
let backing: Awaited<ReturnType<typeof inferenceBacking>>
let app: ServingApp
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-mlflow-'))
  backing = await inferenceBacking(folder, await trustedRuntime())
  await backing.registry.setTag('usage_model', null, 'team', 'growth')
  await backing.registry.setTag('usage_model', 2, 'reviewed', 'yes')
  await backing.registry.describe('usage_model', null, 'Usage of a day.')
  app = backing.serve()
  await app.start()
})
afterAll(async () => {
  await app.close()
  await backing.close()
  await rm(folder, { recursive: true })
})

async function ask(path: string, init: RequestInit = {}, of: ServingApp = app) {
  const response = await of.request(path, init)
  return { status: response.status, json: JSON.parse(await response.text()) }
}
const mlflow = (path: string, query: Readonly<Record<string, string>> = {}) =>
  ask(`/api/2.0/mlflow/${path}?${new URLSearchParams(query).toString()}`)
const names = async (filter: string, more: Readonly<Record<string, string>> = {}) => {
  const { status, json } = await mlflow('registered-models/search', { filter, ...more })
  expect(status).toBe(200)
  return (json as { registered_models: { name: string }[] }).registered_models.map(({ name }) => name)
}
const error = (status: number, error_code: string, message: string) => ({ status, json: { error_code, message } })

test('a model has its aliases, its tags and its newest version', async () => {
  const { status, json } = await mlflow('registered-models/get', { name: 'usage_model' })
  expect(status).toBe(200)
  const version = await backing.registry.version('usage_model', 2)
  expect(json.registered_model).toMatchObject({
    name: 'usage_model',
    description: 'Usage of a day.',
    tags: [{ key: 'team', value: 'growth' }],
    aliases: [
      { alias: 'champion', version: '1' },
      { alias: 'next', version: '2' },
    ],
    latest_versions: [
      {
        name: 'usage_model',
        version: '2',
        creation_timestamp: version.createdAt.getTime(),
        last_updated_timestamp: version.updatedAt.getTime(),
        current_stage: 'None',
        status: 'READY',
        source: 'mlflow-artifacts:/models/usage_model/2',
        user_id: 'trainer',
        aliases: ['next'],
        tags: [
          { key: 'reviewed', value: 'yes' },
          { key: 'martlet.sha256', value: version.artifact.sha256 },
          { key: 'martlet.service', value: 'usage_only' },
          { key: 'martlet.lifecycle', value: 'active' },
        ],
      },
    ],
  })
})

test('models are searched by name and tag, ordered, and page by page', async () => {
  expect(await names("tag.`mlflow.prompt.is_prompt` != 'true'")).toEqual(['echo', 'tariffs', 'usage_model'])
  expect(await names("name ILIKE '%A%'", { order_by: 'name DESC' })).toEqual(['usage_model', 'tariffs'])
  expect(await names("tags.team = 'growth'")).toEqual(['usage_model'])
  const first = await mlflow('registered-models/search', { max_results: '2', order_by: 'last_updated_timestamp' })
  const token = first.json.next_page_token
  expect(first.json.registered_models).toHaveLength(2)
  const second = await mlflow('registered-models/search', {
    max_results: '2',
    order_by: 'last_updated_timestamp',
    page_token: token,
  })
  expect(second.json).toMatchObject({ next_page_token: '' })
  expect(second.json.registered_models).toHaveLength(1)
})

test('versions are searched, newest first, and by what is known of them', async () => {
  const found = async (filter: string, more: Readonly<Record<string, string>> = {}) => {
    const { json } = await mlflow('model-versions/search', { filter, ...more })
    return (json as { model_versions: { name: string; version: string }[] }).model_versions.map(
      ({ name, version }) => `${name} ${version}`,
    )
  }
  expect(await found("name = 'usage_model'")).toEqual(['usage_model 2', 'usage_model 1'])
  expect(await found("name = 'usage_model'", { order_by: 'version_number ASC' })).toEqual([
    'usage_model 1',
    'usage_model 2',
  ])
  expect(await found('version_number = 1')).toEqual(['echo 1', 'tariffs 1', 'usage_model 1'])
  expect(await found("tags.reviewed = 'yes'")).toEqual(['usage_model 2'])
  expect(await found("tags.`martlet.service` = 'boxes'")).toEqual(['echo 1'])
  expect(await found("source_path = 'mlflow-artifacts:/models/tariffs/1'")).toEqual(['tariffs 1'])
})

test('aliases, the newest version and the folder of a version', async () => {
  const alias = await mlflow('registered-models/alias', { name: 'usage_model', alias: 'champion' })
  expect(alias.json.model_version).toMatchObject({ version: '1', aliases: ['champion'] })
  expect(await mlflow('registered-models/alias', { name: 'usage_model', alias: 'champoin' })).toEqual(
    error(404, 'RESOURCE_DOES_NOT_EXIST', 'There is no alias "champoin". Did you mean champion?'),
  )
  const latest = (body: object) =>
    ask('/api/2.0/mlflow/registered-models/get-latest-versions', {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    })
  for (const stages of [[], ['None']])
    expect((await latest({ name: 'usage_model', stages })).json.model_versions).toMatchObject([{ version: '2' }])
  expect(await latest({ name: 'usage_model', stages: ['Production'] })).toEqual(
    error(
      400,
      'INVALID_PARAMETER_VALUE',
      'There are no stages here, so none is "Production". Ask for an alias such as champion instead.',
    ),
  )
  expect((await mlflow('registered-models/get-latest-versions', { name: 'echo' })).json.model_versions).toHaveLength(1)
  expect((await mlflow('model-versions/get-download-uri', { name: 'echo', version: '1' })).json).toEqual({
    artifact_uri: 'mlflow-artifacts:/models/echo/1',
  })
})

test('the folder of a version has its model file and a signature', async () => {
  const list = (path: string) => ask(`/api/2.0/mlflow-artifacts/artifacts?${new URLSearchParams({ path }).toString()}`)
  const file = (name: string) => app.request(`/api/2.0/mlflow-artifacts/artifacts/models/echo/1/${name}`)
  const { bytes, sha256 } = await backing.registry.artifact('echo', 1)
  const { json } = await list('models/echo/1')
  const described = await (await file('MLmodel')).text()
  expect(json).toEqual({
    files: [
      { path: 'MLmodel', is_dir: false, file_size: described.length },
      { path: 'requirements.txt', is_dir: false, file_size: 30 },
      { path: 'model.onnx', is_dir: false, file_size: bytes.length },
    ],
  })
  expect((await list('models/echo/1/model.onnx')).json).toEqual({ files: [] })
  const model = await file('model.onnx')
  expect(
    createHash('sha256')
      .update(new Uint8Array(await model.arrayBuffer()))
      .digest('hex'),
  ).toBe(sha256)
  expect(model.headers.get('x-martlet-sha256')).toBe(sha256)
  const inputs = /^ {2}inputs: (.*)$/m.exec(described)?.[1] ?? ''
  expect(JSON.parse(JSON.parse(inputs))[2]).toEqual({
    type: 'tensor',
    name: 'word',
    'tensor-spec': { dtype: 'str', shape: [-1] },
  })
  expect((await file('conda.yaml')).status).toBe(404)
  expect((await list('models/echo')).status).toBe(400)
  expect((await list('../../etc')).status).toBe(400)
})

test.each([
  ['GET', 'registered-models/get?name=nothing', 404, 'RESOURCE_DOES_NOT_EXIST', 'There is no model "nothing".'],
  ['GET', 'registered-models/get', 400, 'INVALID_PARAMETER_VALUE', 'name is required.'],
  [
    'GET',
    'model-versions/get?name=echo&version=9',
    404,
    'RESOURCE_DOES_NOT_EXIST',
    'Model echo has no version 9. Its newest is 1.',
  ],
  [
    'GET',
    'model-versions/get?name=echo&version=latest',
    400,
    'INVALID_PARAMETER_VALUE',
    'version must be a version number such as 3, not "latest".',
  ],
  [
    'GET',
    'registered-models/search?max_results=0',
    400,
    'INVALID_PARAMETER_VALUE',
    'max_results must be a whole number from 1 to 1000, not "0".',
  ],
  [
    'GET',
    'registered-models/search?page_token=xyz',
    400,
    'INVALID_PARAMETER_VALUE',
    'page_token is not one that this server gave.',
  ],
  [
    'GET',
    'registered-models/search?order_by=size',
    400,
    'INVALID_PARAMETER_VALUE',
    'order_by must be one of name, creation_timestamp, last_updated_timestamp, with ASC or DESC after it, not "size".',
  ],
  [
    'GET',
    'runs/get?run_id=1',
    404,
    'ENDPOINT_NOT_FOUND',
    'There is nothing at this path. GET /docs lists what there is.',
  ],
  [
    'POST',
    'registered-models/create',
    403,
    'PERMISSION_DENIED',
    'This registry is read-only over MLflow. Use martlet models import instead.',
  ],
  [
    'POST',
    'registered-models/alias',
    403,
    'PERMISSION_DENIED',
    'This registry is read-only over MLflow. Use martlet models promote instead.',
  ],
  [
    'DELETE',
    'registered-models/alias',
    403,
    'PERMISSION_DENIED',
    'This registry is read-only over MLflow. Use martlet models rollback instead.',
  ],
  [
    'PATCH',
    'model-versions/update',
    403,
    'PERMISSION_DENIED',
    'This registry is read-only over MLflow. Use martlet models register --description instead.',
  ],
])('%s %s is refused with %i', async (method, path, status, code, message) => {
  const body = method === 'GET' ? {} : { body: '{}', headers: { 'content-type': 'application/json' } }
  expect(await ask(`/api/2.0/mlflow/${path}`, { method, ...body })).toEqual(error(status, code, message))
})

test('a key sees its own models only, and files need a scope of their own', async () => {
  const key = (name: string, scopes: readonly ('catalog:read' | 'models:read')[]) => ({
    name,
    sha256: hashApiKey(name),
    scopes,
    models: ['echo'],
  })
  const keyed = backing.serve({ auth: { keys: [key('lists', ['catalog:read']), key('reads', ['models:read'])] } })
  await keyed.start()
  const as = (name: string, path: string) => ask(path, { headers: { authorization: `Bearer ${name}` } }, keyed)
  const search = await as('lists', '/api/2.0/mlflow/registered-models/search')
  expect(search.json.registered_models.map(({ name }: { name: string }) => name)).toEqual(['echo'])
  const versions = await as('lists', '/api/2.0/mlflow/model-versions/search')
  expect(versions.json.model_versions.map(({ name }: { name: string }) => name)).toEqual(['echo'])
  const refused = await as('lists', '/api/2.0/mlflow/registered-models/get?name=tariffs')
  expect([refused.status, refused.json.error_code]).toEqual([403, 'PERMISSION_DENIED'])
  const files = '/api/2.0/mlflow-artifacts/artifacts?path=models/echo/1'
  expect((await as('lists', files)).status).toBe(403)
  expect((await as('reads', files)).status).toBe(200)
  const stranger = await ask('/api/2.0/mlflow/registered-models/search', {}, keyed)
  expect([stranger.status, stranger.json.error_code]).toEqual([401, 'UNAUTHENTICATED'])
  await keyed.close()
})
