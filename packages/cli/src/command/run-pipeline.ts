import process from 'node:process'
import { defaultActor } from '@martlet/feature-store'
import { givenValues, pipelineConfig } from '../config/chosen-pipeline.ts'
import { pipelineOf } from '../pipeline/pipeline.ts'
import { runPipeline, type PipelineEvent } from '../pipeline/run-pipeline.ts'
import { redactor } from '../schedule/redact.ts'
import { runStepProcess } from '../schedule/step-process.ts'
import type { Outcome } from '../terminal/outcome.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { counted } from '../terminal/words.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface RunPipelineCommandOptions extends GlobalOptions {
  readonly dryRun?: boolean
}

/** `run <pipeline>`: runs the steps of a pipeline for the values that are given. */
export async function runPipelineCommand(
  context: CommandContext,
  name: string,
  words: readonly string[],
  options: RunPipelineCommandOptions,
): Promise<Outcome> {
  const { terminal } = context
  const project = await context.project()
  const given = givenValues(words)
  const pipeline = pipelineOf(pipelineConfig(project.config.pipelines ?? [], name), given)
  const parameters = Object.fromEntries([...pipeline.values].map(([parameter, { text }]) => [parameter, text]))
  const redact = redactor(project.config, pipeline.steps)
  if (options.dryRun === true) {
    const commands = pipeline.steps.map((step) => redact(step.join(' ')))
    return {
      exitCode: 0,
      data: { dryRun: true, pipeline: name, parameters, steps: commands },
      text: commands.map((command) => `martlet ${command}`).join('\n'),
    }
  }
  const ending = new AbortController()
  const terminate = (): void => ending.abort()
  process.on('SIGTERM', terminate)
  try {
    const steps = await runPipeline({
      catalog: await project.catalog(),
      pipeline,
      actor: defaultActor(),
      config: await context.configFile(),
      folder: project.folder,
      runStep: runStepProcess,
      redact,
      waiting: context.waiting,
      signal: AbortSignal.any([context.signal, ending.signal]),
      onEvent: reporter(terminal),
    })
    const values = Object.entries(parameters).map(([parameter, text]) => ` ${parameter} ${text}`)
    return {
      exitCode: 0,
      data: { dryRun: false, pipeline: name, parameters, steps },
      text: `${name}${values.join('')} ${terminal.paint('green', 'succeeded')}: ${counted(steps.length, 'step')}`,
    }
  } finally {
    process.off('SIGTERM', terminate)
  }
}

/** Progress for people as lines, for machines as events; what steps print is for people only. */
function reporter(terminal: Terminal): (event: PipelineEvent) => void {
  return (event) => {
    if (event.type === 'output') return terminal.note(`    ${event.line}`)
    terminal.event(event)
    if (event.type === 'step') terminal.note(`  ${event.step}/${event.of} martlet ${event.command}`)
  }
}
