import type { ServingApp } from '../../../src/index.ts'

/** The fields that answers of inference routes may have: a refusal has `error`, others have the rest. */
export interface InferredJson {
  readonly error: string
  readonly id: string
  readonly model_name: string
  readonly model_version: string
  readonly parameters: Readonly<Record<string, unknown>>
  readonly outputs: readonly {
    readonly name: string
    readonly datatype: string
    readonly shape: readonly number[]
    readonly data: readonly unknown[]
    readonly parameters: Readonly<Record<string, unknown>>
  }[]
}

/** An answer of an inference route, its JSON part parsed. */
export interface Inferred {
  readonly status: number
  readonly type: string | null
  readonly json: InferredJson
  /** The bytes after the JSON part. */
  readonly rest: Buffer
}

/** Sends JSON, or JSON with binary data after it. */
export async function infer(
  app: ServingApp,
  path: string,
  json: unknown,
  binary?: Uint8Array,
  headers: Record<string, string> = {},
): Promise<Inferred> {
  const head = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json))
  const length = binary === undefined ? {} : { 'inference-header-content-length': String(head.length) }
  return send(app, path, Buffer.concat([head, binary ?? new Uint8Array()]), { ...length, ...headers })
}

export async function send(
  app: ServingApp,
  path: string,
  body: Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Inferred> {
  const response = await app.request(`/v2/models/${path}/infer`, { method: 'POST', body, headers })
  const bytes = Buffer.from(await response.arrayBuffer())
  const length = response.headers.get('inference-header-content-length')
  const end = length === null ? bytes.length : Number(length)
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    json: JSON.parse(bytes.subarray(0, end).toString()),
    rest: bytes.subarray(end),
  }
}
