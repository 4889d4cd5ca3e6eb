import { z } from 'zod'
import type { Desk } from '../../desk/desk.ts'
import { requireModels } from '../../desk/model/served-models.ts'
import type { ProtocolRoute } from '../protocol.ts'
import { recentFile } from '../recent-file.ts'
import { FILE, versionFile } from '../version-file.ts'
import { versionOf } from './named-version.ts'
import { GUARDED, inPath } from '../route-parts.ts'

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
