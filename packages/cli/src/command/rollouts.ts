import process from 'node:process'
import { presentStep, type GivenStep, type Rollout, type RolloutGuards } from '@martlet/registry'
import { MartletError } from '@martlet/warehouse'
import { evidenceSides } from '../rollout/evidence-sides.ts'
import { readings } from '../rollout/guards.ts'
import { runRound, type RoundResult } from '../rollout/run-round.ts'
import { watchRounds } from '../rollout/watch-rounds.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { facts, table } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { counted, instantWords } from '../terminal/words.ts'
import { actorOf, reasonOf, versionNumber } from './models-change.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface StartRolloutOptions extends GlobalOptions {
  readonly steps: string
  readonly hold?: string
  readonly minRequests?: string
  readonly guard?: readonly string[]
  readonly reason: string
  readonly approver?: string
  readonly actor?: string
  readonly alias?: string
  readonly of?: string
}

export interface ChangeRolloutOptions extends GlobalOptions {
  readonly reason: string
  readonly approver?: string
  readonly actor?: string
  readonly expect?: string
}

export interface WatchOptions extends GlobalOptions {
  readonly every?: string
  readonly actor?: string
}

export async function startRollout(
  context: CommandContext,
  model: string,
  version: string | undefined,
  options: StartRolloutOptions,
): Promise<Outcome> {
  const steps = stepsOf(options)
  const guards = guardsOf(options.guard ?? [])
  const number = version === undefined ? undefined : versionNumber(version)
  const registry = await (await context.project()).registry()
  const rollout = await registry.rollouts.start(model, {
    ...reasonOf(options),
    steps,
    guards,
    ...(number === undefined ? {} : { version: number }),
    ...(options.alias === undefined ? {} : { candidate: options.alias }),
    ...(options.of === undefined ? {} : { stable: options.of }),
  })
  return { exitCode: 0, data: { rollout }, text: `${rolloutLine(rollout)}\nmartlet rollouts watch takes it further.` }
}

export async function changeRollout(
  context: CommandContext,
  change: 'advance' | 'rollBack' | 'stop',
  model: string,
  options: ChangeRolloutOptions,
): Promise<Outcome> {
  const expect = options.expect === undefined ? {} : { expect: wholeNumber(options.expect, '--expect') }
  const { rollouts } = await (await context.project()).registry()
  const rollout = await rollouts[change](model, { ...reasonOf(options), ...expect })
  return { exitCode: 0, data: { rollout }, text: rolloutLine(rollout) }
}

export async function showRollouts(context: CommandContext, model: string | undefined): Promise<Outcome> {
  const { paint, width } = context.terminal
  const { rollouts } = await (await context.project()).registry()
  const all = await rollouts.list(model === undefined ? {} : { model })
  const [newest] = all
  if (model === undefined || newest === undefined) {
    const rows = all.map((one) => [
      one.model,
      String(one.rollout),
      `${one.stable.version} → ${one.candidate.version}`,
      one.state === 'running' ? shareOf(one) : one.state,
      instantWords(toSecond(one.changedAt)),
      one.reason,
    ])
    const columns = ['model', 'roll-out', 'versions', 'state', 'since', 'why'].map((title) => ({ title }))
    const text = rows.length === 0 ? 'there is no roll-out: martlet rollouts start' : table(columns, rows, paint, width)
    return { exitCode: 0, data: { rollouts: all }, text }
  }
  const sides = evidenceSides(newest, await rollouts.evidence(newest))
  const seen = readings(newest, sides)
  const { sample: _, ...stable } = sides.stable
  const { sample: __, ...candidate } = sides.candidate
  const lines: (readonly [string, string])[] = [
    ['state', newest.state],
    ['why', newest.reason],
    ['by', newest.approver === null ? newest.actor : `${newest.actor}, approved by ${newest.approver}`],
    ['since', instantWords(toSecond(newest.stepSince))],
    ['requests', `${counted(candidate.requests, 'request')} of version ${newest.candidate.version}`],
    ...seen.map(({ guard, words }): [string, string] => [guard, words]),
    ...(candidate.compared === 0
      ? []
      : [['difference', `${(candidate.distance / candidate.compared).toPrecision(3)} on average`] as const]),
  ]
  return {
    exitCode: 0,
    data: { rollouts: all, evidence: { stable, candidate }, readings: seen },
    text: [rolloutLine(newest), ...facts(lines, width)].join('\n'),
  }
}

/** `rollouts check`: one round. */
export async function checkRollouts(
  context: CommandContext,
  models: readonly string[],
  options: WatchOptions,
): Promise<Outcome> {
  const registry = await (await context.project()).registry()
  const results = await runRound(registry, { models, actor: actorOf(options), now: Date.now() })
  return {
    exitCode: 0,
    data: { rollouts: results },
    text: results.length === 0 ? 'no roll-out is running' : results.map(resultLine).join('\n'),
  }
}

/** `rollouts watch`: rounds until it is stopped. */
export async function watchRollouts(
  context: CommandContext,
  models: readonly string[],
  options: WatchOptions,
): Promise<Outcome> {
  const { terminal, signal } = context
  const every = options.every === undefined ? 10_000 : lengthOf(options.every, '--every')
  const registry = await (await context.project()).registry()
  const ending = new AbortController()
  const terminate = (): void => ending.abort()
  process.on('SIGTERM', terminate)
  const said = new Map<string, string>()
  let rounds = 0
  try {
    rounds = await watchRounds(registry, {
      models,
      actor: actorOf(options),
      every,
      signal: AbortSignal.any([signal, ending.signal]),
      onResult: (result) => say(result, said, terminal),
      onFailure(error) {
        terminal.note(error.message)
        terminal.event({ type: 'error', message: error.message })
      },
    })
  } finally {
    process.off('SIGTERM', terminate)
  }
  return { exitCode: 0, data: { rounds }, text: `stopped after ${counted(rounds, 'round')}` }
}

/** Says what was done, and a refusal once. */
function say(result: RoundResult, said: Map<string, string>, terminal: Terminal): void {
  const { rollout, decision, refused, sentence } = result
  const news = `${rollout.rollout} ${rollout.revision} ${decision} ${refused === null ? '' : refused}`
  if (decision === 'wait' || said.get(rollout.model) === news) return
  said.set(rollout.model, news)
  terminal.note(resultLine(result))
  terminal.event({ type: 'rollout', model: rollout.model, decision, sentence, refused, rollout })
}

function resultLine({ rollout, decision, sentence, refused }: RoundResult): string {
  if (refused !== null) return `${rolloutLine(rollout)}: ${decision} was refused: ${refused}`
  return `${rolloutLine(rollout)}: ${sentence}`
}

function rolloutLine(rollout: Rollout): string {
  const { model, state, stable, candidate } = rollout
  const how = state === 'running' ? shareOf(rollout) : state
  return `${model} roll-out ${rollout.rollout}, version ${stable.version} → ${candidate.version}: ${how}`
}

function shareOf(rollout: Rollout): string {
  const step = presentStep(rollout)
  const place = `step ${rollout.step + 1} of ${rollout.steps.length}`
  return `${step?.shadow === true ? 'shadow of ' : ''}${step?.weight ?? 0} %, ${place}`
}

/** `shadow,10,50` or `shadow:20,1`, with the same hold and requests for each. */
function stepsOf({ steps, hold, minRequests }: StartRolloutOptions): readonly GivenStep[] {
  const rest = {
    ...(hold === undefined ? {} : { holdMinutes: lengthOf(hold, '--hold') / 60_000 }),
    ...(minRequests === undefined ? {} : { minRequests: wholeNumber(minRequests, '--min-requests') }),
  }
  return steps.split(',').map((text) => {
    const [, shadow, weight] = /^(shadow)?(?::?(\d+(?:\.\d+)?))?$/.exec(text.trim()) ?? []
    if (shadow === undefined && weight === undefined)
      throw new MartletError(
        'USAGE',
        `--steps ${steps} is not a list of steps: ${JSON.stringify(text)} is neither a percentage nor shadow. ` +
          'Write shadow,10,50 or shadow:20,1,5.',
        { data: { steps } },
      )
    return { ...rest, shadow: shadow !== undefined, ...(weight === undefined ? {} : { weight: Number(weight) }) }
  })
}

function guardsOf(given: readonly string[]): Partial<RolloutGuards> {
  return Object.fromEntries(
    given.map((text) => {
      const [, name = '', limit = ''] = /^(\w+)=(none|\d+(?:\.\d+)?)$/.exec(text) ?? []
      if (name === '')
        throw new MartletError('USAGE', `--guard ${text} is not a limit. Write p99Times=3, or scorePsi=none.`, {
          data: { guard: text },
        })
      return [name, limit === 'none' ? null : Number(limit)]
    }),
  )
}

function wholeNumber(text: string, option: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new MartletError('USAGE', `${option} ${text} is not a whole number.`, { data: { option, text } })
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

function lengthOf(text: string, option: string): number {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? []
  const milliseconds = UNITS[unit]
  if (count !== undefined && milliseconds !== undefined) return Number(count) * milliseconds
  throw new MartletError('USAGE', `${option} ${text} is not a length of time. Write 30s, 10m, 1h or 1d.`, {
    data: { option, text },
  })
}

function toSecond(instant: Date): Date {
  return new Date(Math.floor(instant.getTime() / 1000) * 1000)
}
