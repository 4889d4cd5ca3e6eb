import type { Command } from 'commander'
import type { ExitCode } from '../terminal/outcome.ts'
import { neverScheduled, run, several, withExamples } from './define-command.ts'
import type { ChangeRolloutOptions, StartRolloutOptions, WatchOptions } from './rollouts.ts'
import type { GlobalOptions } from './run-command.ts'

/** `martlet rollouts …` */
export function rolloutsProgram(root: Command, ended: (exitCode: ExitCode) => void): void {
  const rollouts = root
    .command('rollouts')
    .description('let a version take over the requests of another step by step, and go back by itself')
    .addHelpText(
      'after',
      '\nExamples:\n  $ martlet rollouts start churn 4 --steps shadow,10,50 --reason "better on June"\n  $ martlet rollouts watch',
    )
  const add = (name: string, description: string, examples: readonly string[]): Command =>
    withExamples(
      rollouts.command(name).description(description),
      examples.map((example) => `rollouts ${example}`),
    )
  const because = (command: Command): Command =>
    command
      .requiredOption('--reason <text>', 'why; it is recorded')
      .option('--approver <name>', 'who approved it')
      .option('--actor <name>', 'who does this (default: MARTLET_ACTOR, else the user)')

  because(
    add('start <model> [version]', 'begin with the first step', [
      'start churn 4 --steps 10,50 --reason "better on June"',
      'start churn 4 --steps shadow,1,10,50 --hold 30m --min-requests 2000 --guard p99Ms=20 --reason "better on June"',
      'start churn --steps 100 --guard scorePsi=none --reason "what challenger names"',
    ]),
  )
    .requiredOption('--steps <list>', 'percentages that grow, after shadow steps: shadow,10,50 or shadow:20,1')
    .option('--hold <length>', 'how long each step lasts at least (default: 10m)')
    .option('--min-requests <number>', 'requests that the version must have had before a step ends (default: 500)')
    .option(
      '--guard <name=limit>',
      'errorRate (default: 0.01), p99Times (2), p99Ms, nullRate (0.05) or scorePsi (0.25); none for no limit; ' +
        'may be given several times',
      several,
    )
    .option('--alias <name>', 'the alias of the version (default: challenger)')
    .option('--of <name>', 'the alias whose requests it takes over (default: champion)')
    .action(async (model: string, version: string | undefined, options: StartRolloutOptions) =>
      ended(
        await run('rollouts start', options, async (context) =>
          (await import('./rollouts.ts')).startRollout(context, model, version, options),
        ),
      ),
    )

  add('show [model]', 'all roll-outs, or those of a model and what was seen', ['show', 'show churn --json']).action(
    async (model: string | undefined, options: GlobalOptions) =>
      ended(
        await run('rollouts show', options, async (context) =>
          (await import('./rollouts.ts')).showRollouts(context, model),
        ),
      ),
  )

  for (const { name, change, description, example } of CHANGES)
    because(add(`${name} <model>`, description, [example]))
      .option('--expect <revision>', 'fail unless nobody has changed it since')
      .action(async (model: string, options: ChangeRolloutOptions) =>
        ended(
          await run(`rollouts ${name}`, options, async (context) =>
            (await import('./rollouts.ts')).changeRollout(context, change, model, options),
          ),
        ),
      )

  add('check [model...]', 'look once: go back, go on or wait, as the guards say', ['check', 'check churn --json'])
    .option('--actor <name>', 'who does this (default: MARTLET_ACTOR, else the user)')
    .action(async (models: readonly string[], options: WatchOptions) =>
      ended(
        await run('rollouts check', options, async (context) =>
          (await import('./rollouts.ts')).checkRollouts(context, models, options),
        ),
      ),
    )

  neverScheduled(
    add('watch [model...]', 'look again and again, until it is stopped', ['watch', 'watch churn --every 5s']),
  )
    .option('--every <length>', 'how often (default: 10s)')
    .option('--actor <name>', 'who does this (default: MARTLET_ACTOR, else the user)')
    .action(async (models: readonly string[], options: WatchOptions) =>
      ended(
        await run('rollouts watch', options, async (context) =>
          (await import('./rollouts.ts')).watchRollouts(context, models, options),
        ),
      ),
    )
}

const CHANGES = [
  {
    name: 'advance',
    change: 'advance',
    description: 'begin the next step now; after the last one, promote the version',
    example: 'advance churn --reason "no need to wait"',
  },
  {
    name: 'back',
    change: 'rollBack',
    description: 'give all requests back, because the version is not good enough',
    example: 'back churn --reason "complaints"',
  },
  {
    name: 'stop',
    change: 'stop',
    description: 'give all requests back for another reason',
    example: 'stop churn --reason "not over the holidays"',
  },
] as const
