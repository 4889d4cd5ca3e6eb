import type { VersionAnswer } from '../../desk/model/registered-model.ts'
import { mlModelText, MODEL_FILE } from './ml-model.ts'

/** What Python needs to load the folder with `mlflow.onnx` or `mlflow.pyfunc`. */
const REQUIREMENTS = 'mlflow\nonnx\nonnxruntime\nnumpy\n'

/** The small files of a version's folder as MLflow lays out an ONNX model, by name. `MODEL_FILE` lies beside them. */
export function folderTexts(version: VersionAnswer): Readonly<Record<string, string>> {
  return { MLmodel: mlModelText(version), 'requirements.txt': REQUIREMENTS }
}

/** A file as MLflow lists it. */
export interface ListedFile {
  readonly path: string
  readonly is_dir: false
  readonly file_size?: number
}

export function listedFiles(version: VersionAnswer): readonly ListedFile[] {
  return [
    ...Object.entries(folderTexts(version)).map(([path, text]): ListedFile => ({
      path,
      is_dir: false,
      file_size: Buffer.byteLength(text),
    })),
    { path: MODEL_FILE, is_dir: false, ...(version.bytes === undefined ? {} : { file_size: version.bytes }) },
  ]
}
