import type { VectorField } from '@martlet/feature-store'
import type { ShownModel, ShownService } from './shown-things.ts'

/** A request in one language, as it can be copied. Where the server is and the key are in the environment. */
export interface ExampleRequest {
  readonly language: 'curl' | 'TypeScript' | 'Python' | 'Feast' | 'Open Inference' | 'tritonclient'
  readonly text: string
}

type Columns = ShownService['keys']

export function serviceExamples(service: ShownService, needsKey: boolean): readonly ExampleRequest[] {
  const body = bodyOf(service)
  const path = `v1/features/${encodeURIComponent(service.name)}`
  return [
    { language: 'curl', text: curl(path, body, needsKey) },
    { language: 'TypeScript', text: typescript(service, needsKey, 'features', []) },
    { language: 'Python', text: python(path, body, needsKey) },
    { language: 'Feast', text: feast(service, needsKey) },
  ]
}

/** @param service what the model reads; undefined when the caller may not see it, or none of its versions is loaded */
export function modelExamples(
  { name }: ShownModel,
  service: ShownService | undefined,
  needsKey: boolean,
): readonly ExampleRequest[] {
  const path = `v1/models/${encodeURIComponent(name)}/predict`
  const body = service === undefined ? { keys: [{}] } : bodyOf(service)
  const inCurl: ExampleRequest = { language: 'curl', text: curl(path, body, needsKey) }
  const inPython: ExampleRequest = { language: 'Python', text: python(path, body, needsKey) }
  // A service without keys has no rows that tensors could name.
  if (service === undefined || service.keys.length === 0) return [inCurl, inPython]
  const columns = [...service.keys, ...service.request]
  const inputs = columns.map((column) => ({
    name: column.name,
    datatype: datatypeOf(column.type),
    shape: [1],
    data: [exampleOf(column.type)],
  }))
  return [
    inCurl,
    { language: 'TypeScript', text: typescript(service, needsKey, 'predict', [JSON.stringify(name)]) },
    inPython,
    {
      language: 'Open Inference',
      text: curl(`v2/models/${encodeURIComponent(name)}/infer`, { inputs }, needsKey),
    },
    { language: 'tritonclient', text: triton(name, columns, needsKey) },
  ]
}

function bodyOf({ keys, request }: ShownService): object {
  return { keys: [example(keys)], ...(request.length === 0 ? {} : { request: [example(request)] }) }
}

function example(columns: Columns): object {
  return Object.fromEntries(columns.map(({ name, type }) => [name, exampleOf(type)]))
}

/** A value of the type, never one that is stored: keys of entities are nobody's business who only reads the catalog. */
function exampleOf(type: VectorField['type']): string | number | boolean {
  switch (type) {
    case 'text':
      return 'a'
    case 'boolean':
      return true
    case 'date':
      return '2026-01-31'
    case 'timestamp':
      return '2026-01-31T09:30:00Z'
    default:
      return 1
  }
}

function curl(path: string, body: object, needsKey: boolean): string {
  return [
    `curl -X POST "$MARTLET/${path}"`,
    ...(needsKey ? ['-H "Authorization: Bearer $KEY"'] : []),
    "-H 'Content-Type: application/json'",
    `-d '${JSON.stringify(body).replaceAll("'", String.raw`'\''`)}'`,
  ].join(' \\\n  ')
}

function typescript(
  { name, keys, request }: ShownService,
  needsKey: boolean,
  call: 'features' | 'predict',
  before: readonly string[],
): string {
  const options = request.length === 0 ? [] : [`{ request: [${typedExample(request)}] }`]
  return [
    "import { createClient } from '@martlet/serving/client'",
    "import type { service } from './definitions.ts' // where it is defined",
    '',
    'const client = createClient<typeof service>({',
    "  url: process.env.MARTLET ?? '',",
    `  service: ${JSON.stringify(name)},`,
    ...(needsKey ? ["  apiKey: process.env.KEY ?? '',"] : []),
    '})',
    `await client.${call}(${[...before, `[${typedExample(keys)}]`, ...options].join(', ')})`,
  ].join('\n')
}

/** Instants are dates in definitions. */
function typedExample(columns: Columns): string {
  const values = columns.map(({ name, type }) => {
    const value = JSON.stringify(exampleOf(type))
    return `${JSON.stringify(name)}: ${type === 'timestamp' || type === 'date' ? `new Date(${value})` : value}`
  })
  return values.length === 0 ? '{}' : `{ ${values.join(', ')} }`
}

function python(path: string, body: object, needsKey: boolean): string {
  return [
    'import os',
    'import requests',
    '',
    'answer = requests.post(',
    `    os.environ["MARTLET"] + ${JSON.stringify(`/${path}`)},`,
    ...(needsKey ? ['    headers={"Authorization": "Bearer " + os.environ["KEY"]},'] : []),
    `    json=${pythonLiteral(body)},`,
    ')',
    'answer.raise_for_status()',
    'print(answer.json()["rows"])',
  ].join('\n')
}

function feast({ name, keys, request }: ShownService, needsKey: boolean): string {
  const key = needsKey ? '# the key: auth: {type: oidc, token_env_var: KEY} in feature_store.yaml' : undefined
  return [
    'from feast import FeatureService, FeatureStore',
    '',
    ...(key === undefined ? [] : [key]),
    'store = FeatureStore(repo_path="feast")  # a folder with feature_store.yaml',
    'answer = store.get_online_features(',
    `    features=FeatureService(name=${JSON.stringify(name)}, features=[]),`,
    `    entity_rows=[${pythonLiteral(example([...keys, ...request]))}],`,
    ')',
    'print(answer.to_dict())',
  ].join('\n')
}

function triton(model: string, columns: Columns, needsKey: boolean): string {
  const inputs = columns.flatMap(({ name, type }) => [
    `inputs.append(http.InferInput(${JSON.stringify(name)}, [1], "${datatypeOf(type)}"))`,
    `inputs[-1].set_data_from_numpy(np.array([${pythonLiteral(exampleOf(type))}], dtype=${numpyOf(type)}))`,
  ])
  const headers = needsKey ? ', headers={"Authorization": "Bearer " + os.environ["KEY"]}' : ''
  return [
    'import os',
    'import numpy as np',
    'import tritonclient.http as http',
    '',
    'client = http.InferenceServerClient(os.environ["MARTLET"].split("://")[1])',
    'inputs = []',
    ...inputs,
    `answer = client.infer(${JSON.stringify(model)}, inputs${headers})`,
    'print(answer.get_response())',
  ].join('\n')
}

/** JSON as Python writes it. */
function pythonLiteral(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${pythonLiteral(one)}`)
  return `{${entries.join(', ')}}`
}

/** The tensor that a column of keys is sent as. */
function datatypeOf(type: VectorField['type']): 'BYTES' | 'BOOL' | 'FP64' | 'INT64' {
  if (typeof type === 'object') return 'FP64'
  switch (type) {
    case 'boolean':
      return 'BOOL'
    case 'double':
      return 'FP64'
    case 'text':
    case 'date':
    case 'timestamp':
      return 'BYTES'
    default:
      return 'INT64'
  }
}

function numpyOf(type: VectorField['type']): string {
  return { BYTES: 'object', BOOL: 'bool', FP64: 'np.float64', INT64: 'np.int64' }[datatypeOf(type)]
}
