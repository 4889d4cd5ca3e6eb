import { z } from 'zod'
import type { Desk } from '../../desk/desk.ts'
import type { VersionAnswer } from '../../desk/model/registered-model.ts'
import { Problem } from '../../desk/problem.ts'
import { shown } from '../../desk/shown.ts'
import type { Answer, Exchange } from '../../http/exchange.ts'
import { versionFile } from '../martlet/artifact-route.ts'
import { recentFile, type RecentFile } from '../martlet/recent-file.ts'
import { GUARDED, inPath, inQuery } from '../route-parts.ts'
import type { ProtocolRoute } from '../protocol.ts'
import { foundVersion } from './found-model.ts'
import { COMMON, invalid } from './mlflow-error.ts'
import { MODEL_FILE } from './ml-model.ts'
import { folderTexts, listedFiles } from './model-folder.ts'
import { text, versionNumber } from './query.ts'

const ROOT = '/api/2.0/mlflow-artifacts/artifacts'
const FILE = 'application/octet-stream'

/** The routes that hand out the folder of a version. */
export function artifactRoutes(desk: Desk): readonly ProtocolRoute[] {
  const recent = recentFile()
  const common = { ...COMMON, method: 'GET', scope: 'models:read' } as const
  return [
    {
      ...common,
      id: 'mlflowFiles',
      path: ROOT,
      summary: 'The files of a version',
      parameters: { path: inQuery('`models/<model>/<version>`; a file in it has no files. Required') },
      answer: z.strictObject({
        files: z.array(
          z.strictObject({ path: z.string(), is_dir: z.literal(false), file_size: z.int().exactOptional() }),
        ),
      }),
      problems: [400, ...GUARDED, 404],
      handle: async (exchange) => JSON.stringify({ files: await listed(exchange, desk) }),
    },
    {
      ...common,
      id: 'mlflowFile',
      path: `${ROOT}/models/:model/:version/:file`,
      summary: 'One file of a version: MLmodel, model.onnx or requirements.txt',
      description:
        'The headers `ETag` and `X-Martlet-Sha256` of `model.onnx` have its SHA-256. One answer has at most half of ' +
        '`limits.unsentBytes`; a larger file is fetched in parts, with `Range`.',
      parameters: {
        model: inPath('A registered model'),
        version: inPath('A version number', z.int().positive()),
        file: inPath('A file that the list has'),
      },
      answer: FILE,
      otherAnswers: {
        206: { description: 'The part that `Range` asks for, or the beginning of it', body: FILE },
        304: { description: 'Not changed: `If-None-Match` names it' },
      },
      problems: [400, ...GUARDED, 404, 413, 416],
      handle: (exchange) => fileOf(exchange, desk, recent),
    },
  ]
}

/** The files of a folder; none for a path that is a file. */
async function listed(exchange: Exchange, desk: Desk): Promise<ReturnType<typeof listedFiles>> {
  const path = text(exchange, 'path')
  const [root, name = '', version = '', file, ...more] = path.replace(/^\/+|\/+$/g, '').split('/')
  if (root !== 'models' || name === '' || version === '' || more.length > 0)
    throw invalid('path', `must be models/<model>/<version>, not ${shown(path)}`)
  const found = await versionIn(exchange, desk, decoded(name), version)
  if (file === undefined) return listedFiles(found)
  if (listedFiles(found).some((one) => one.path === file)) return []
  throw noFile(found, file)
}

async function fileOf(exchange: Exchange, desk: Desk, recent: RecentFile): Promise<Answer> {
  const { call } = exchange
  const found = await versionIn(exchange, desk, call.param('model'), call.param('version'))
  const file = call.param('file')
  if (file === MODEL_FILE) return versionFile(exchange, desk, found, recent)
  const texts = folderTexts(found)
  const body = Object.hasOwn(texts, file) ? texts[file] : undefined
  if (body === undefined) throw noFile(found, file)
  return { status: 200, body, contentType: FILE }
}

function versionIn(exchange: Exchange, desk: Desk, name: string, version: string): Promise<VersionAnswer> {
  return foundVersion(exchange, desk, { name, version: versionNumber(version), scope: 'models:read' })
}

/** Names of models are in the folder's URI as in any other; a text that is not encoded is a name as it stands. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

function noFile({ model, version }: VersionAnswer, file: string): Problem {
  const detail = `Version ${version} of model ${model} has no file ${shown(file)}. GET ${ROOT} lists its files.`
  return new Problem(404, 'MLFLOW_FILE_UNKNOWN', detail, { path: 'file' })
}
