import { namedVariables, secretVariables } from '../redact.ts'
import type { Generator, GeneratorInput } from './generator.ts'

/** A workflow of GitHub Actions. */
export const github: Generator = {
  name: 'github',
  about: 'print a workflow for GitHub Actions',
  text(input) {
    const { schedules, all, times } = input
    const lines = schedules.flatMap(({ name, clock }) =>
      times.utc(clock).map((time) => `    - cron: '${time}' # ${name}`),
    )
    const names = all ? '' : schedules.map(({ name }) => ` --schedule ${name}`).join('')
    return [
      '# Written by `martlet schedules --github`; put it into .github/workflows.',
      '# GitHub runs cron in UTC. Where clocks change, there is a line for either offset: at the time that is not a slot,',
      '# run-due finds nothing due and ends with 0. GitHub may start a run late or leave one out, and stops the schedules',
      '# of a public repository after 60 days without a commit: what was missed is caught up as `missed` says.',
      ...stateNotes(input),
      'name: martlet run-due',
      'on:',
      '  schedule:',
      ...lines,
      '  workflow_dispatch:',
      'permissions:',
      '  contents: read',
      'concurrency:',
      '  group: martlet-run-due',
      '  cancel-in-progress: false',
      'jobs:',
      '  run-due:',
      `    runs-on: ${localState(input).length > 0 ? 'self-hosted' : 'ubuntu-latest'}`,
      '    timeout-minutes: 360',
      '    steps:',
      '      - uses: actions/checkout@v4',
      ...(localState(input).length > 0 ? ['        with:', '          clean: false # keeps the state'] : []),
      '      - uses: actions/setup-node@v4',
      '        with:',
      '          node-version: 24',
      '      - run: npm ci',
      `      - run: npx martlet run-due${names}`,
      ...environment(input),
      '',
    ].join('\n')
  },
}

/** The places that are files of the machine. */
function localState({ project: { paths } }: GeneratorInput): readonly string[] {
  const places = { catalog: paths.catalog, warehouse: paths.warehouse, 'online store': paths.online }
  return Object.entries(places).flatMap(([name, path]) => (path === null ? [] : [name]))
}

function stateNotes(input: GeneratorInput): readonly string[] {
  const local = localState(input)
  if (local.length === 0)
    return [
      '# Catalog, warehouse and online store are elsewhere. The folder of artifacts is not: steps that score or drift',
      '# need it, and a machine of GitHub begins without it.',
    ]
  return [
    `# Files of this project: ${local.join(', ')}. A machine of GitHub loses them after each run, and with them what has`,
    '# run, so this workflow wants a self-hosted runner that keeps its working folder.',
  ]
}

function environment({ project, schedules }: GeneratorInput): readonly string[] {
  const steps = schedules.flatMap((schedule) => schedule.steps.flatMap(secretVariables))
  const names = [...new Set([...namedVariables(project.config), ...steps])].toSorted()
  return names.length === 0
    ? []
    : ['        env:', ...names.map((name) => `          ${name}: \${{ secrets.${name} }}`)]
}
