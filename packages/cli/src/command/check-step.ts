import { CommanderError, type Command } from 'commander'
import { unknownPlaceholders } from '../schedule/placeholders.ts'
import { isUnscheduled } from './define-command.ts'
import { program } from './program.ts'

/** What a run gives every step itself. */
const OWN = new Set(['--config', '-c', '--json', '--events', '--help', '-h'])

/**
 * Why the words are not a command that a schedule or a pipeline can run; undefined when they are one. The program's own
 * declarations say which commands, arguments and options there are.
 */
export function stepProblem(words: readonly string[], of: 'schedule' | 'pipeline' = 'schedule'): string | undefined {
  if (words.length === 0) return 'is empty; write a command, such as materialize'
  if (words[0] === 'martlet') return 'begins with martlet; write only what follows it'
  if (words.some((word) => /^['"]|['"]$/.test(word)))
    return "has quotes, which mean nothing here; write the words in an array: ['score', 'churn', '--spine', 'a file.sql']"
  const own = words.find((word) => OWN.has(word.split('=')[0] ?? ''))
  if (own !== undefined) return `has ${own}, which ${of === 'schedule' ? 'run-due' : 'run'} sets itself`
  if (of === 'pipeline' && words[0] === 'run') return 'cannot be a step: a pipeline runs no pipelines'
  // Of a pipeline, the parameters say which placeholders there are.
  const [unknown] = of === 'schedule' ? unknownPlaceholders(words) : []
  if (unknown !== undefined)
    return `has ${unknown}, which is no placeholder; there are {due}, {day} and {date}, and shifted {due-6h}, {day-1d}, {date-1d}`
  let found: Command | undefined
  const root = program(true, () => undefined)
  for (const command of leaves(root)) command.action(() => void (found = command))
  try {
    root.parse([...words], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return `is no command of martlet: ${error.message.replace(/^error: /, '').replaceAll('\n', ' ')}`
  }
  if (found === undefined) return 'is no command of martlet'
  return isUnscheduled(found) ? `cannot run by itself: ${found.name()}` : undefined
}

function leaves(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves)
}
