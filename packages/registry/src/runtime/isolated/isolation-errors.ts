import { MartletError } from '@martlet/warehouse'

export type Phase = 'open' | 'run'

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`
}

export function timeLimit(model: string, phase: Phase, limitMs: number): MartletError {
  const [did, option] = phase === 'open' ? ['open', 'openMs'] : ['answer', 'runMs']
  return new MartletError(
    'MODEL_TIME_LIMIT',
    `Model ${model} did not ${did} within ${limitMs} ms and was stopped. ` +
      `Simplify the model, request fewer rows at once, or raise the limit ${option}.`,
    { data: { model, phase, limitMs } },
  )
}

export function memoryLimit(model: string, phase: Phase, limitBytes: number, cause?: unknown): MartletError {
  return new MartletError(
    'MODEL_MEMORY_LIMIT',
    `Model ${model} needs more than ${mebibytes(limitBytes)} of memory to ${phase} and was stopped. ` +
      'Simplify the model, request fewer rows at once, or raise the limit memoryBytes.',
    { data: { model, phase, limitBytes }, cause },
  )
}

export function outputLimit(model: string, bytes: number, limitBytes: number): MartletError {
  return new MartletError(
    'MODEL_MEMORY_LIMIT',
    `Model ${model} answers with ${mebibytes(bytes)}, more than the ${mebibytes(limitBytes)} that one run may answer. ` +
      'Leave outputs out of the model, request fewer rows at once, or raise the limit outputBytes.',
    { data: { model, phase: 'run', bytes, limitBytes } },
  )
}

export function crashed(model: string, phase: Phase, ended: string, said: string): MartletError {
  return new MartletError(
    'MODEL_CRASHED',
    `The process of model ${model} ended with ${ended} while it had to ${phase} the model. ` +
      'The next run starts a new one; if it happens again, export the model again.',
    // The process gets no secrets, so there are none in what it printed.
    { data: { model, phase, ended, said: said.slice(-2000) } },
  )
}

export function interrupted(model: string): MartletError {
  return new MartletError(
    'MODEL_INTERRUPTED',
    `A run of model ${model} was interrupted because the model was released. Load it again.`,
    {
      data: { model, retryable: true },
    },
  )
}

export function busy(model: string, waiting: number): MartletError {
  return new MartletError(
    'MODEL_BUSY',
    `${waiting} runs of model ${model} are waiting already. Try again later, call it less often, or raise the limit waiting.`,
    { data: { model, waiting, retryable: true } },
  )
}

export function runtimeMissing(reason: string): MartletError {
  return new MartletError(
    'RUNTIME_MISSING',
    `onnxruntime-node cannot be loaded in the process of a model: ${reason}. Install it (npm install onnxruntime-node).`,
  )
}
