import type { ServingApp } from '../../../src/index.ts'

/** An answer of an inference route, its JSON part parsed. */
export interface Inferred {
  readonly status: number
  readonly type: string | null
  readonly json: any
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
