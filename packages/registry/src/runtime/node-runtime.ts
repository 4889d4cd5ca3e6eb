import { MartletError } from '@martlet/warehouse'
import { isolatedRuntime } from './isolated/isolated-runtime.ts'
import type { OnnxRuntime } from './onnx-runtime.ts'
import { openOrtSession, ortVersion, type Ort } from './ort-session.ts'
import { readOutputs } from './read-outputs.ts'
import { threadedRuntime } from './threaded/threaded-runtime.ts'

/**
 * Runs models with onnxruntime-node, an optional peer dependency, on the calling thread, with `isolated` in processes of their
 * own, or with `threaded` in threads of their own.
 *
 * @throws MartletError RUNTIME_MISSING when onnxruntime-node cannot be loaded
 */
export async function nodeRuntime(): Promise<OnnxRuntime> {
  const ort = await loadOrt()
  const name = `onnxruntime-node ${ortVersion(ort)}`
  return {
    name,
    async open(model) {
      const session = await openOrtSession(ort, model)
      return {
        run: async (feeds, fetches) => readOutputs(await session.run(feeds, fetches), fetches),
        release: () => session.release(),
      }
    },
    isolated: (limits) => ({ ...isolatedRuntime(limits), name }),
    threaded: (threads, limits) => ({ ...threadedRuntime(threads, limits), name }),
  }
}

async function loadOrt(): Promise<Ort> {
  try {
    return await import('onnxruntime-node')
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]
    throw new MartletError(
      'RUNTIME_MISSING',
      `onnxruntime-node cannot be loaded on ${process.platform}-${process.arch}: ${reason}. ` +
        'Install it (npm install onnxruntime-node), or pass another `runtime` where it has no binary (Alpine, Intel macOS).',
      { cause },
    )
  }
}
