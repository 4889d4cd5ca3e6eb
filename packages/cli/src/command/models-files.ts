import { createHash, randomUUID } from 'node:crypto'
import { access, constants, rename, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { OnnxFile } from '@martlet/registry'
import { MartletError } from '@martlet/warehouse'
import { modelReference } from '../score/model-reference.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { bytesWords } from '../terminal/words.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface DownloadOptions extends GlobalOptions {
  readonly out: string
}

export interface SweepModelsOptions extends GlobalOptions {
  readonly dryRun?: boolean
}

/**
 * Refuses a model file that is not there before other files are looked at.
 *
 * @throws MartletError USAGE when it cannot be read
 */
export async function refuseMissingModel(path: string): Promise<void> {
  await access(resolve(path), constants.R_OK).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
}

/**
 * The model file that `--onnx` names, with the files of weights beside it.
 *
 * @throws MartletError USAGE when it cannot be read
 */
export async function readModel(path: string): Promise<OnnxFile> {
  const { readOnnxFile } = await import('@martlet/registry')
  return readOnnxFile(resolve(path)).catch((cause: unknown) => {
    if (cause instanceof MartletError) throw cause
    throw unreadable(path, cause)
  })
}

function unreadable(path: string, cause: unknown): MartletError {
  return new MartletError('USAGE', `--onnx ${resolve(path)} cannot be read. Check the path.`, {
    data: { option: '--onnx', path },
    cause,
  })
}

export async function downloadModel(
  context: CommandContext,
  reference: string,
  options: DownloadOptions,
): Promise<Outcome> {
  const { model, version: wanted } = modelReference(reference)
  const registry = await (await context.project()).registry()
  const { version, sha256, bytes } = await registry.artifact(model, wanted)
  const out = resolve(options.out)
  // Hashed again here: what is written is what is said below, whatever the store checked.
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== sha256)
    throw new MartletError(
      'ARTIFACT_CORRUPT',
      `The file of ${model} version ${version} hashes to ${found} and not to ${sha256}. Register the model again.`,
      { data: { model, version, sha256, found } },
    )
  await writeWhole(out, bytes)
  return {
    exitCode: 0,
    data: { model, version, sha256, bytes: bytes.length, file: out },
    text: `${model} version ${version}: ${bytesWords(bytes.length)} in ${options.out}\nsha256 ${sha256}`,
  }
}

export async function sweepModels(context: CommandContext, { dryRun = false }: SweepModelsOptions): Promise<Outcome> {
  const registry = await (await context.project()).registry()
  const { unused, kept } = await registry.sweep({ dryRun })
  const files = (count: number): string => (count === 1 ? '1 file' : `${count} files`)
  const lines = unused.map(({ sha256, deleted }) => {
    const of = deleted.map(({ model, version }) => `${model} version ${version}`).join(', ')
    return `${sha256.slice(0, 16)}…  ${of === '' ? 'no version has it' : `deleted: ${of}`}`
  })
  const result = `${files(unused.length)} ${dryRun ? 'would be removed' : 'removed'}, ${kept} kept`
  return { exitCode: 0, data: { dryRun, unused, kept }, text: [...lines, result].join('\n') }
}

/** The file appears whole or not at all. */
async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  const draft = `${file}.${randomUUID()}.new`
  try {
    await writeFile(draft, bytes)
    await rename(draft, file)
  } catch (cause) {
    await rm(draft, { force: true })
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new MartletError('FILE_NOT_WRITABLE', `${file} cannot be written: ${reason}. Choose another --out.`, {
      data: { file },
      cause,
    })
  }
}
