import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { program } from '../src/command/program.ts'

const root = program(false, () => undefined)

function* everyCommand(command: Command, path: readonly string[]): Generator<readonly [string, Command]> {
  yield [path.join(' '), command]
  for (const inner of command.commands) yield* everyCommand(inner, [...path, inner.name()])
}

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (part) => void (text += part), getOutHelpWidth: () => 80 }).outputHelp()
  return text
}

describe.each([...everyCommand(root, ['martlet'])])('help of %s', (path, command) => {
  it('has an example of itself and fits 80 columns where text can wrap', () => {
    const help = helpOf(command)
    expect(help).toMatch(new RegExp(`^  \\$ ${path}`, 'm'))
    const [options = ''] = help.split('\nExamples:')
    expect(options.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  it('describes every option and takes --json when it does something', () => {
    const options = command.options.map(({ long }) => long)
    if (command.commands.length === 0)
      expect(options).toEqual(expect.arrayContaining(['--json', '--config', '--verbose']))
    expect(command.options.filter(({ description }) => description === '').map(({ long }) => long)).toEqual([])
  })
})
