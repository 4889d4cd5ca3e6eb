import { MartletError } from '@martlet/warehouse'
import { z } from 'zod'
import { isInside } from './ml-model.ts'
import type { MlflowServer } from './mlflow-server.ts'
import type { RemoteFolder } from './model-folder.ts'

/** A model on a live MLflow server. */
export interface RemoteModel {
  readonly folder: RemoteFolder
  /** What was resolved, such as `models:/churn/3 at http://mlflow:5000`. */
  readonly source: string
  /** The name that it is registered by. */
  readonly name: string | undefined
  readonly runId: string | undefined
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
}

const tags = z
  .array(z.object({ key: z.string(), value: z.string().default('') }))
  .default([])
  .transform((list) => Object.fromEntries(list.map(({ key, value }) => [key, value])))
const text = z.string().nullish()
const modelVersion = z.object({
  model_version: z.object({ name: z.string(), version: z.coerce.string(), run_id: text, description: text, tags }),
})
const downloadUri = z.object({ artifact_uri: z.string() })
const loggedModel = z.object({
  model: z.object({
    info: z.object({ artifact_uri: z.string(), name: text, source_run_id: text, tags }),
  }),
})

/**
 * Finds what a URI names: `models:/name@alias`, `models:/name/3`, `models:/m-…` (a logged model) or `runs:/id/path`.
 *
 * @throws MartletError USAGE when it is none of these
 * @throws MartletError MLFLOW_REFUSED when the server does not have it
 */
export async function remoteModel(uri: string, server: MlflowServer): Promise<RemoteModel> {
  const [, run, path] = /^runs:\/+([\w-]+)\/(.+)$/.exec(uri) ?? []
  if (run !== undefined && path !== undefined && isInside(path)) return ofRun(server, run, path)
  const [, logged] = /^models:\/+(m-[0-9a-f]{32})$/.exec(uri) ?? []
  if (logged !== undefined) return ofLoggedModel(server, logged)
  const [, name, alias, version] = /^models:\/+([^/@]+)(?:@([\w.-]+)|\/(\d+))$/.exec(uri) ?? []
  if (name !== undefined) return ofRegistered(server, decodeURIComponent(name), alias, version)
  throw new MartletError(
    'USAGE',
    `${JSON.stringify(uri)} names no version. Write models:/name@alias, models:/name/3, models:/m-<id> or runs:/<run>/<path>, or a folder.`,
    { data: { uri } },
  )
}

async function ofRegistered(
  server: MlflowServer,
  name: string,
  alias: string | undefined,
  version: string | undefined,
): Promise<RemoteModel> {
  const api = '/api/2.0/mlflow'
  const { model_version: found } =
    alias === undefined
      ? await server.json(`${api}/model-versions/get`, { name, version: version ?? '' }, modelVersion)
      : await server.json(`${api}/registered-models/alias`, { name, alias }, modelVersion)
  const named = { name, version: found.version }
  const { artifact_uri: uri } = await server.json(`${api}/model-versions/get-download-uri`, named, downloadUri)
  const place = `models:/${name}/${found.version}`
  return {
    folder: folderOf(server, place, uri, (path, largest) =>
      // Whatever store the files are in, the server hands them out.
      server.file('/model-versions/get-artifact', { ...named, path }, largest),
    ),
    source: `${place} at ${server.url}`,
    name,
    runId: found.run_id ?? undefined,
    description: found.description ?? '',
    tags: found.tags,
  }
}

async function ofLoggedModel(server: MlflowServer, id: string): Promise<RemoteModel> {
  const { model } = await server.json(`/api/2.0/mlflow/logged-models/${id}`, {}, loggedModel)
  const { artifact_uri: uri, source_run_id: runId, tags: found } = model.info
  const place = `models:/${id}`
  return {
    folder: folderOf(server, place, uri, (path, largest) =>
      server.file(`/ajax-api/2.0/mlflow/logged-models/${id}/artifacts/files`, { artifact_file_path: path }, largest),
    ),
    source: `${place} at ${server.url}`,
    name: undefined,
    runId: runId ?? undefined,
    description: '',
    tags: found,
  }
}

function ofRun(server: MlflowServer, run: string, path: string): RemoteModel {
  const place = `runs:/${run}/${path}`
  return {
    folder: {
      place,
      read: (file, largest) => server.file('/get-artifact', { run_uuid: run, path: `${path}/${file}` }, largest),
    },
    source: `${place} at ${server.url}`,
    name: undefined,
    runId: run,
    description: '',
    tags: {},
  }
}

/** A folder of the server's own artifact store, or of another one through `proxied`. */
function folderOf(server: MlflowServer, place: string, uri: string, proxied: RemoteFolder['read']): RemoteFolder {
  const own = /^mlflow-artifacts:(?:\/\/([^/]*))?(\/.*)$/.exec(uri)
  if (own === null) return { place, read: proxied }
  const [, host = '', root = ''] = own
  if (host !== '' && host !== server.host) {
    const message = `The files of ${place} are on ${host}, and credentials go to ${server.host} only. Name that server with --from.`
    throw new MartletError('MLFLOW_REFUSED', message, { data: { place, host } })
  }
  const parts = root.split('/').filter((part) => part !== '')
  return {
    place,
    read(file, largest) {
      const path = [...parts, ...file.split('/')].map(encodeURIComponent).join('/')
      return server.file(`/api/2.0/mlflow-artifacts/artifacts/${path}`, {}, largest)
    },
  }
}
