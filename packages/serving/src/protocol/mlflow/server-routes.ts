import { z } from 'zod'
import { GUARDED } from '../route-parts.ts'
import type { ProtocolRoute, ServerFacts } from '../protocol.ts'
import { COMMON } from './mlflow-error.ts'

const info = z.strictObject({
  store_type: z.null(),
  workspaces_enabled: z.literal(false),
  multipart_uploads_enabled: z.literal(false),
  multipart_downloads_enabled: z.literal(false),
  artifact_serving_enabled: z.literal(true),
})
const INFO = JSON.stringify({
  store_type: null,
  workspaces_enabled: false,
  multipart_uploads_enabled: false,
  multipart_downloads_enabled: false,
  artifact_serving_enabled: true,
})

/** What MLflow's clients ask of a server before they download. */
export function serverRoutes({ version }: ServerFacts): readonly ProtocolRoute[] {
  const common = { ...COMMON, method: 'GET', parameters: {} } as const
  return [
    {
      ...common,
      id: 'mlflowServerInfo',
      path: '/api/3.0/mlflow/server-info',
      summary: 'What this server can do as an MLflow server',
      scope: 'catalog:read',
      answer: info,
      problems: GUARDED,
      handle: () => INFO,
    },
    {
      ...common,
      id: 'mlflowServerVersion',
      path: '/version',
      summary: 'The version of this server, as text',
      scope: null,
      answer: 'text/plain',
      problems: [403, 503, 504],
      handle: () => ({ status: 200, body: version, contentType: 'text/plain' }),
    },
  ]
}
