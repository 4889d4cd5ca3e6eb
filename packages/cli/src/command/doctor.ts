import type { Outcome } from '../terminal/outcome.ts'
import { wrapped } from '../terminal/table.ts'
import { checkChannels } from '../doctor/channels.ts'
import { checkMachine } from '../doctor/machine.ts'
import type { Check } from '../place/check.ts'
import { checkModes } from '../doctor/modes.ts'
import { checkSchedules } from '../doctor/schedules.ts'
import { checkPlaces } from '../doctor/places.ts'
import { checkDefinitions, checkFreshness } from '../doctor/state.ts'
import { checkNamed, checkServing } from '../doctor/settings.ts'
import { errorText } from '../terminal/error-text.ts'
import type { Project } from '../project/project.ts'
import type { CommandContext } from './run-command.ts'

/** Checks everything, whatever fails on the way. */
export async function doctor(context: CommandContext): Promise<Outcome> {
  const { paint, width } = context.terminal
  const checks: Check[] = [...(await checkMachine())]
  const project = await opened(context, checks)
  if (project !== undefined) {
    checks.push(...checkServing(project), ...(await checkPlaces(project)), ...checkModes(project))
    checks.push(...(await guarded('definitions', () => checkDefinitions(project))))
    checks.push(...(await guarded('views', () => checkFreshness(project))))
    checks.push(...(await guarded('schedules', () => checkSchedules(project))))
    checks.push(...checkChannels(project))
    checks.push(...(await guarded('config names', () => checkNamed(project))))
  }
  const failed = checks.filter(({ state }) => state === 'fail').length
  const warned = checks.filter(({ state }) => state === 'warn').length
  const marks = { ok: paint('green', 'ok  '), warn: paint('yellow', 'warn'), fail: paint('red', 'fail') }
  const name = Math.max(...checks.map((check) => check.name.length))
  const lines = checks.flatMap((check) => {
    const room = Math.max(30, width - name - 7)
    const indent = ' '.repeat(name + 7)
    const [first = '', ...more] = wrapped(check.found, room)
    const fix =
      check.fix === undefined
        ? []
        : wrapped(check.fix, room - 2).map((line, i) => `${indent}${paint('cyan', i === 0 ? '→ ' : '  ')}${line}`)
    return [
      `${marks[check.state]} ${check.name.padEnd(name)}  ${first}`,
      ...more.map((line) => `${indent}${line}`),
      ...fix,
    ]
  })
  const verdict =
    failed > 0
      ? paint('red', `${failed} failed${warned > 0 ? `, ${warned} to look at` : ''}`)
      : warned > 0
        ? paint('yellow', `${warned} to look at`)
        : paint('green', 'all is well')
  return {
    exitCode: failed > 0 ? 1 : warned > 0 ? 2 : 0,
    data: { checks, failed, warned },
    text: [...lines, '', verdict].join('\n'),
  }

  function guarded(what: string, look: () => Promise<readonly Check[]>): Promise<readonly Check[]> {
    return look().catch((error: unknown) => [broken(what, error)])
  }
}

async function opened(context: CommandContext, checks: Check[]): Promise<Project | undefined> {
  try {
    const project = await context.project()
    checks.push({ name: 'config', state: 'ok', found: project.folder })
    return project
  } catch (error) {
    checks.push(broken('config', error))
    return undefined
  }
}

function broken(name: string, error: unknown): Check {
  const [, ...lines] = errorText(error, { paint: (_, text) => text, width: 10_000, verbose: false }).split('\n')
  return {
    name,
    state: 'fail',
    found: lines
      .filter((line) => !line.includes('--verbose'))
      .map((line) => line.trim())
      .join(' '),
  }
}
