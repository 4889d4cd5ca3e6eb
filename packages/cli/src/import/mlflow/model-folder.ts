import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { externalLocations, readOnnxFile, type OnnxFile } from '@martlet/registry'
import { notImportable } from './mlflow-error.ts'
import { LARGEST_ML_MODEL, readMlModel, type MlModel } from './ml-model.ts'

/** Answers of the trainer for some rows, which a model folder may have beside the model. */
export const GOLDEN_FILE = 'golden.json'
const LARGEST_GOLDEN = 64_000_000
/** What one ONNX file can have. */
const LARGEST_MODEL = 2 ** 31 - 1

/** The files of a model that an import needs, wherever they come from. */
export interface ModelFiles extends OnnxFile {
  readonly mlModel: MlModel
  readonly golden: Uint8Array | undefined
}

/**
 * Reads a folder that MLflow wrote.
 *
 * @throws MartletError MLFLOW_MODEL_INVALID when it is not the folder of an ONNX model
 */
export async function readModelFolder(folder: string): Promise<ModelFiles> {
  const mlModel = readMlModel((await smallFile(folder, 'MLmodel', LARGEST_ML_MODEL)).toString('utf8'), folder)
  const onnx = await readOnnxFile(join(folder, mlModel.data)).catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
      throw notImportable(folder, `its model file ${mlModel.data} is missing.`, cause)
    throw cause
  })
  const golden = await smallFile(folder, GOLDEN_FILE, LARGEST_GOLDEN).catch(() => undefined)
  return { ...onnx, mlModel, golden }
}

/** Where the files of a model elsewhere are read. */
export interface RemoteFolder {
  /** As messages name it. */
  readonly place: string
  /**
   * The bytes of a file; undefined when there is none.
   * @throws MartletError MLFLOW_TOO_LARGE when it has more bytes than `largest`
   */
  read(path: string, largest: number): Promise<Uint8Array | undefined>
}

/**
 * Reads the folder of a model elsewhere: only the files that are needed, and never more than one ONNX file can have.
 *
 * @throws MartletError MLFLOW_MODEL_INVALID when it is not the folder of an ONNX model
 */
export async function readRemoteFolder(folder: RemoteFolder): Promise<ModelFiles> {
  const { place } = folder
  const needed = async (path: string, largest: number): Promise<Uint8Array> => {
    const bytes = await folder.read(path, largest)
    if (bytes === undefined) throw notImportable(place, `it has no file ${path}.`)
    return bytes
  }
  const mlModel = readMlModel(Buffer.from(await needed('MLmodel', LARGEST_ML_MODEL)).toString('utf8'), place)
  const onnx = await needed(mlModel.data, LARGEST_MODEL)
  const beside = mlModel.data.split('/').slice(0, -1)
  const externalData: Record<string, Uint8Array> = {}
  let left = LARGEST_MODEL - onnx.length
  for (const location of externalLocations(onnx)) {
    const bytes = await needed([...beside, location].join('/'), left)
    left -= bytes.length
    externalData[location] = bytes
  }
  return { onnx, externalData, mlModel, golden: await folder.read(GOLDEN_FILE, LARGEST_GOLDEN) }
}

async function smallFile(folder: string, name: string, largest: number): Promise<Buffer> {
  const path = join(folder, name)
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile() !== true)
    throw notImportable(folder, `it has no file ${name}. Name the folder that mlflow.onnx.save_model wrote.`)
  if (found.size > largest) throw notImportable(folder, `its ${name} has ${found.size} bytes.`)
  return readFile(path)
}
