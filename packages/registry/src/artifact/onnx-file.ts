import { readFile, realpath, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { MartletError } from '@martlet/warehouse'
import { externalLocations, LARGEST_MODEL, tooLarge, type ExternalData } from './onnx/external-data.ts'

/** An ONNX file and the files beside it that hold its weights. */
export interface OnnxFile {
  readonly onnx: Uint8Array
  readonly externalData: ExternalData
}

/**
 * Reads an ONNX file with the weights that its exporter wrote into files beside it. Files outside the folder of the model are
 * never read, whatever it names and wherever links lead.
 *
 * @throws MartletError ONNX_MALFORMED when the file is not a whole model
 * @throws MartletError ONNX_EXTERNAL_DATA when a file of weights is missing or outside the folder of the model
 * @throws MartletError ONNX_TOO_LARGE when a file has 2 GiB or more
 *
 * @example await registry.register({ model: 'churn', ...(await readOnnxFile('model.onnx')), service, goldenRows, actor })
 */
export async function readOnnxFile(path: string): Promise<OnnxFile> {
  const onnx = await bytesOf(path)
  const folder = await realpath(dirname(path))
  const externalData: Record<string, Uint8Array> = {}
  for (const location of externalLocations(onnx)) {
    const file = await realpath(join(folder, location)).catch(() => undefined)
    if (file?.startsWith(folder.endsWith(sep) ? folder : folder + sep) !== true)
      throw new MartletError(
        'ONNX_EXTERNAL_DATA',
        `The model ${path} has weights in ${JSON.stringify(location)}, which is not ${file === undefined ? '' : 'a file '}in its folder. ` +
          'Keep the files of the export together, or save it as one: onnx.save_model(model, path, save_as_external_data=False).',
        { data: { path, location } },
      )
    externalData[location] = await bytesOf(file)
  }
  return { onnx, externalData }
}

async function bytesOf(path: string): Promise<Uint8Array> {
  const { size } = await stat(path)
  if (size > LARGEST_MODEL) throw tooLarge(size)
  return readFile(path)
}
