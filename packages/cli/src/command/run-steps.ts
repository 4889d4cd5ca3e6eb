import { MartletError } from '@martlet/warehouse'
import type { Outcome } from '../terminal/outcome.ts'
import { planText, stepData, type StepPlan } from '../terminal/step-text.ts'
import type { Terminal } from '../terminal/terminal.ts'

interface Reported {
  readonly watermark: bigint | null
}

/** What a command does with its steps. */
export interface Steps<S, P extends StepPlan, R extends Reported> {
  readonly kind: 'load' | 'snapshot'
  readonly steps: readonly S[]
  readonly terminal: Terminal
  readonly dryRun: boolean
  plan(step: S): Promise<P>
  run(step: S): Promise<R>
  text(done: readonly R[]): string
}

/** Runs steps one after the other, or shows what they would read; the first that fails ends them. */
export async function runSteps<S, P extends StepPlan, R extends Reported>(command: Steps<S, P, R>): Promise<Outcome> {
  const { kind, steps, terminal, dryRun } = command
  const key = `${kind}s`
  if (steps.length === 0) {
    const text = `no ${kind} is configured: write \`${key}\` in martlet.config.ts`
    return { exitCode: 0, data: { dryRun, [key]: [] }, text }
  }
  if (dryRun) {
    const plans: P[] = []
    for (const step of steps) plans.push(await command.plan(step))
    return { exitCode: 0, data: { dryRun, [key]: plans.map(stepData) }, text: planText(kind, plans, terminal) }
  }
  const done: R[] = []
  for (const step of steps) {
    try {
      done.push(await command.run(step))
    } catch (error) {
      throw afterOthers(error, done, command)
    }
  }
  return { exitCode: 0, data: { dryRun, [key]: done.map(stepData) }, text: command.text(done) }
}

/** What the steps before it did is part of the answer; in JSON it is in the error. */
function afterOthers<S, P extends StepPlan, R extends Reported>(
  error: unknown,
  done: readonly R[],
  { terminal, text }: Steps<S, P, R>,
): unknown {
  if (done.length === 0) return error
  if (!terminal.json) terminal.say(`${text(done)}\n`)
  if (!(error instanceof MartletError)) return error
  return new MartletError(error.code, error.message, {
    data: { ...error.data, done: done.map(stepData) },
    cause: error,
  })
}
