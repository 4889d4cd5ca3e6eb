import type { VersionAnswer } from '../../desk/model/registered-model.ts'

/** The name of the model file in a folder. */
export const MODEL_FILE = 'model.onnx'

/** The file `MLmodel` of a version: which flavors can load it, and its signature. */
export function mlModelText(version: VersionAnswer): string {
  const file = quoted(MODEL_FILE)
  return [
    'flavors:',
    '  onnx:',
    '    code: null',
    `    data: ${file}`,
    '    onnx_session_options: null',
    '    providers: ["CPUExecutionProvider"]',
    '  python_function:',
    `    data: ${file}`,
    '    loader_module: "mlflow.onnx"',
    `metadata: ${quoted({ martlet: aboutOf(version) })}`,
    ...(version.bytes === undefined ? [] : [`model_size_bytes: ${version.bytes}`]),
    `model_uuid: ${quoted(version.sha256.slice(0, 32))}`,
    ...(version.runId === undefined || version.runId === '' ? [] : [`run_id: ${quoted(version.runId)}`]),
    'signature:',
    `  inputs: ${quoted(JSON.stringify(version.inputs.map(tensorOf)))}`,
    `  outputs: ${quoted(JSON.stringify(version.outputs.map(tensorOf)))}`,
    '  params: null',
    `utc_time_created: ${quoted(version.createdAt.replace('T', ' ').replace('Z', ''))}`,
    '',
  ].join('\n')
}

/** What MLflow has no field for: which version it is, and the features of its vector in order. */
function aboutOf({ model, version, sha256, service, features }: VersionAnswer): object {
  return { model, version, sha256, service, features: features.map(({ name }) => name) }
}

/** A tensor as a signature has it. A size that may be any is -1 there, and so is an unknown shape. */
function tensorOf({ name, type, shape }: VersionAnswer['inputs'][number]): object {
  const sizes = shape?.map((size) => (typeof size === 'number' ? size : -1)) ?? [-1]
  return { type: 'tensor', name, 'tensor-spec': { dtype: type === 'string' ? 'str' : type, shape: sizes } }
}

/** JSON is YAML; line separators and the like are escaped, because YAML breaks lines at more of them. */
function quoted(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
