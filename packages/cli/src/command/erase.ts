import { relative } from 'node:path'
import { eraseFromMonitoring, erasePredictions } from '@martlet/drift'
import { erase, knownEntities, type Erasure, type EraseOptions } from '@martlet/feature-store'
import { eraseLogRows } from '@martlet/serving'
import { MartletError } from '@martlet/warehouse'
import { suggestion } from '../config/suggestion.ts'
import { eraseFromFiles, parquetFiles } from '../erase/erased-files.ts'
import { noteInManifest, trainingTables } from '../erase/erased-manifests.ts'
import { eraseReports } from '../erase/erased-reports.ts'
import { keysOfFile, keysOfText, type Key, type KeyedEntity } from '../erase/read-keys.ts'
import { onlineOf } from '../place/chosen-places.ts'
import type { Project } from '../project/project.ts'
import { confirmed } from '../terminal/confirm.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { hanging, table } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { counted, grouped } from '../terminal/words.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface EraseCommandOptions extends GlobalOptions {
  readonly entity: string
  readonly keys?: string
  readonly keysFrom?: string
  readonly files?: readonly string[]
  readonly reason?: string
  readonly dryRun?: boolean
  readonly yes?: boolean
}

/** What no command can reach, whatever is configured. */
const OUT_OF_REACH = [
  'the tables that facts and dimensions come from, which are yours',
  'backups, and copies of tables, files or reports',
  'what a model has learned: its weights stay as they were trained',
  'prediction logs that were sent elsewhere, and lines that a running server has not written yet',
  'deleted rows in database files until their space is reused, and in Time Travel and Fail-safe of Snowflake',
]

export async function eraseCommand(context: CommandContext, options: EraseCommandOptions): Promise<Outcome> {
  const { terminal } = context
  if ((options.keys === undefined) === (options.keysFrom === undefined))
    throw new MartletError('USAGE', 'Whom to erase is not clear. Give either --keys or --keys-from.')
  const files = parquetFiles(options.files ?? [])
  const project = await context.project()
  const entity = await wantedEntity(project, options.entity)
  const keys =
    options.keys === undefined ? await keysOfFile(options.keysFrom ?? '', entity) : keysOfText(options.keys, entity)
  const work = await eraseOptions(project, entity, keys, files, options.reason ?? '')
  if (options.dryRun === true) return outcome(await erase({ ...work, dryRun: true }), terminal)
  if (options.yes !== true) {
    const planned = await erase({ ...work, dryRun: true })
    terminal.note(erasureText(planned, terminal))
    if (!(await agreed(context, planned)))
      return { exitCode: 1, data: { ...planned, outOfReach: OUT_OF_REACH }, text: 'nothing was erased' }
  }
  return outcome(await erase(work), terminal)
}

async function wantedEntity(project: Project, name: string): Promise<KeyedEntity> {
  const entities = await knownEntities((await project.catalog()).db, (await project.definitions()).all)
  const found = entities.find((entity) => entity.name === name)
  if (found !== undefined) return found
  const names = [...new Set(entities.map((entity) => entity.name))]
  throw new MartletError(
    'ENTITY_UNKNOWN',
    `There is no entity called ${name} in the definitions. ${suggestion(name, names, 'entities')}`,
    { data: { name } },
  )
}

/** Every place of the project: tables and stores, monitoring, the registry, logs, files and reports. */
async function eraseOptions(
  project: Project,
  entity: KeyedEntity,
  keys: readonly Key[],
  files: readonly string[],
  reason: string,
): Promise<EraseOptions> {
  const [warehouse, catalog, registry] = [await project.warehouse(), await project.catalog(), await project.registry()]
  const { log, reports } = project.paths
  return {
    warehouse,
    catalog,
    entity,
    keys,
    reason,
    online: await project.online(),
    definitions: (await project.definitions()).all,
    trainingSets: await trainingTables(project),
    beforeTrainingSet: (change) => noteInManifest(project, change),
    also: async ({ keys: erased, mentions, isAbout, dryRun }) => {
      const monitoring = await eraseFromMonitoring(warehouse, mentions, { dryRun })
      const models = await registry.redact({ mentions, dryRun })
      const logs =
        log === null ? { removed: [], unreached: [] } : await eraseLogRows(log, { mentions, isAbout, dryRun })
      const loaded = await erasePredictions(warehouse, mentions, { isAbout, dryRun })
      const inFiles = await eraseFromFiles(files, erased, registry, dryRun)
      return {
        removed: [
          ...monitoring,
          ...models.removed,
          ...logs.removed,
          ...loaded,
          ...inFiles,
          ...(await eraseReports(reports, mentions, dryRun)),
        ],
        unreached: [
          ...models.unreached,
          ...logs.unreached,
          ...(onlineOf(project.config).perProcess === true
            ? ['the online store of a running server: online is memory, which only that process has; restart it']
            : []),
        ],
      }
    },
  }
}

function agreed({ terminal, signal }: CommandContext, { keys, entity, removed }: Erasure): Promise<boolean> {
  const nobody = new MartletError(
    'CONFIRMATION_NEEDED',
    `What is stored of ${counted(keys, 'key')} of ${entity} would be erased in ${counted(removed.length, 'place')}, ` +
      'but nobody can be asked here. Look at `martlet erase --dry-run`, then run it with --yes.',
    { data: { entity, keys } },
  )
  return confirmed({
    terminal,
    signal,
    question: 'Erase this? It cannot be undone.',
    nobody,
    cancelled: 'Nothing was erased.',
  })
}

/** Facts that still exist, and places that were not reached, are warnings. */
function outcome(erasure: Erasure, terminal: Terminal): Outcome {
  const complete = erasure.facts.length === 0 && erasure.unreached.length === 0
  return {
    exitCode: complete ? 0 : 2,
    data: { ...erasure, outOfReach: OUT_OF_REACH },
    text: erasureText(erasure, terminal),
  }
}

function erasureText({ entity, keys, dryRun, removed, facts, unreached }: Erasure, { paint, width }: Terminal): string {
  const what = `${counted(keys, 'key')} of ${entity}`
  const columns = [
    { title: 'rows', right: true },
    { title: 'kind' },
    { title: dryRun ? 'would be erased from' : 'erased from' },
  ]
  const places = removed.map(({ kind, place, rows }) => [
    grouped(rows),
    kind,
    place.startsWith('/') ? relative('.', place) : place,
  ])
  const remaining = facts.map(
    ({ table: name, rows }) =>
      `${name} still has ${counted(rows, 'row')}. Delete those first: otherwise ` +
      '`martlet materialize` computes their features again.',
  )
  return [
    paint('bold', dryRun ? `${what}: this would be erased` : `${what}: erased`),
    removed.length === 0 ? 'nothing is stored of them' : table(columns, places, paint, width),
    ...[...remaining, ...unreached].map((line) => hanging(`${paint('yellow', 'warning')} `, line, width)),
    '',
    'Not reached by this command:',
    ...OUT_OF_REACH.map((line) => hanging('  - ', line, width)),
  ].join('\n')
}
