import { z } from 'zod'
import type { Desk } from '../../desk/desk.ts'
import type { VersionAnswer } from '../../desk/model/registered-model.ts'
import { requireModels } from '../../desk/model/served-models.ts'
import { Problem } from '../../desk/problem.ts'
import type { Answer, Exchange } from '../../http/exchange.ts'
import type { ProtocolRoute } from '../protocol.ts'
import { byteRange } from './byte-range.ts'
import { recentFile, type RecentFile } from './recent-file.ts'
import { versionOf } from './named-version.ts'
import { GUARDED, inPath } from '../route-parts.ts'

const FILE = 'application/octet-stream'

/** The route that hands out model files. */
export function artifactRoute(desk: Desk): ProtocolRoute {
  const recent = recentFile()
  return {
    id: 'modelArtifact',
    group: 'models',
    method: 'GET',
    path: '/v1/models/:model/versions/:version/artifact',
    summary: 'The ONNX file of a version',
    description:
      'The headers `ETag` and `X-Martlet-Sha256` have its SHA-256, and `If-None-Match` is answered with 304. ' +
      'A large file is fetched in parts, with `Range`: one answer has at most half of `limits.unsentBytes`.',
    scope: 'models:read',
    parameters: { model: inPath('A registered model'), version: inPath('A version number', z.int().positive()) },
    answer: FILE,
    otherAnswers: {
      206: { description: 'The part that `Range` asks for, or the beginning of it', body: FILE },
      304: { description: 'Not changed: `If-None-Match` names it' },
    },
    problems: [400, ...GUARDED, 404, 413, 416],
    handle: async (exchange) =>
      versionFile(exchange, desk, await versionOf(exchange, requireModels(desk).source, 'models:read'), recent),
  }
}

/**
 * The file of a version that the caller may read, or the part of it that `Range` asks for.
 *
 * @throws Problem 404 when the source has no files, 413 when it is too large for one answer, 416 for a part behind its end
 */
export async function versionFile(
  exchange: Exchange,
  desk: Desk,
  version: VersionAnswer,
  recent: RecentFile,
): Promise<Answer> {
  const { source } = requireModels(desk)
  const etag = `"${version.sha256}"`
  const headers = {
    etag,
    'x-martlet-sha256': version.sha256,
    'cache-control': 'private, no-cache',
    'accept-ranges': 'bytes',
  }
  if (isNamed(etag, exchange.call.header('if-none-match'))) return { status: 304, body: '', contentType: FILE, headers }
  const bytes = await recent.get(version.sha256, async () => {
    if (source.artifact === undefined) throw noFiles()
    return source.artifact(version.model, version.version)
  })
  exchange.check()
  return partOf(exchange, bytes, version, {
    headers: { ...headers, 'content-disposition': `attachment; filename="${fileName(version)}"` },
    most: Math.max(1, Math.floor(desk.limits.unsentBytes / 2)),
  })
}

interface Sending {
  readonly headers: Readonly<Record<string, string>>
  /** Bytes of one answer. */
  readonly most: number
}

function partOf(
  { call }: Exchange,
  bytes: Uint8Array<ArrayBuffer>,
  { model, version, sha256 }: VersionAnswer,
  { headers, most }: Sending,
): Answer {
  const same = call.header('if-range') ?? `"${sha256}"`
  const range = same === `"${sha256}"` ? byteRange(call.header('range'), bytes.length) : undefined
  if (range === 'outside')
    throw new Problem(416, 'RANGE_OUTSIDE', `The file has ${bytes.length} bytes. Ask for a range that begins before.`)
  if (range === undefined && bytes.length > most) {
    const file = `The file of version ${version} of model ${model} has ${bytes.length} bytes`
    const detail = `${file}, more than one answer carries. Ask for parts, such as Range: bytes=0-${most - 1}.`
    throw new Problem(413, 'ARTIFACT_IN_PARTS', detail)
  }
  if (range === undefined) return { status: 200, body: bytes, contentType: FILE, headers }
  const end = Math.min(range.end, range.from + most)
  return {
    status: 206,
    body: bytes.subarray(range.from, end),
    contentType: FILE,
    headers: { ...headers, 'content-range': `bytes ${range.from}-${end - 1}/${bytes.length}` },
  }
}

/** Whether `If-None-Match` has this tag. */
function isNamed(etag: string, header: string | undefined): boolean {
  if (header === undefined) return false
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(etag)
}

/** The names of models have no characters that a header must quote; those of another source may. */
function fileName({ model, version }: VersionAnswer): string {
  return `${model.replaceAll(/[^\w.-]/g, '_')}-${version}.onnx`
}

function noFiles(): Problem {
  return new Problem(404, 'ARTIFACT_UNAVAILABLE', 'The models of this server have no files that could be downloaded.')
}
