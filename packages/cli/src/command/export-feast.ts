import { chmod, mkdir, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { currentDefinitions, readViewState } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import { feastRegistry } from '../export/feast/registry-file.ts'
import { storeYaml } from '../export/feast/store-yaml.ts'
import type { MartletConfig } from '../config/martlet-config.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { facts } from '../terminal/table.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface ExportFeastOptions extends GlobalOptions {
  readonly out?: string
  readonly project?: string
  readonly url?: string
}

/** `export feast`: a registry file and a `feature_store.yaml`, with which Feast's SDK reads from a server of Martlet. */
export async function exportFeast(context: CommandContext, options: ExportFeastOptions): Promise<Outcome> {
  const name = projectName(options.project ?? 'martlet')
  const given = options.url === undefined ? undefined : urlOf(options.url)
  const project = await context.project()
  const url = given ?? servedAt(project.config)
  const { db } = await project.catalog()
  const definitions = await currentDefinitions(db)
  const views = await Promise.all(
    definitions.flatMap((one) =>
      one.kind === 'view' ? [readViewState(db, one.name).then((state) => ({ ...one, state }))] : [],
    ),
  )
  const services = definitions.flatMap((one) => (one.kind === 'service' ? [one] : []))
  if (views.length === 0)
    throw new MartletError(
      'NOTHING_APPLIED',
      'No view is applied, so a Feast registry would be empty. Run martlet apply.',
    )
  const folder = resolve(options.out ?? 'feast')
  const files = {
    'registry.db': feastRegistry({ project: name, views, services, snowflake: snowflakeOf(project.config) }),
    'feature_store.yaml': storeYaml({ project: name, url }),
  }
  const mode = context.exporting(() => 0o666 & ~process.umask())
  await mkdir(folder, { recursive: true })
  const written: string[] = []
  for (const [file, content] of Object.entries(files)) {
    const path = join(folder, file)
    await writeFile(`${path}.new`, content, { mode: 0o600 })
    await chmod(`${path}.new`, mode)
    await rename(`${path}.new`, path)
    written.push(path)
  }
  const counted = { views: views.length, services: services.length }
  return {
    exitCode: 0,
    data: { project: name, url, files: written, ...counted },
    text: [
      ...facts(
        [
          ['registry', `${written[0]} (${counted.views} views, ${counted.services} services)`],
          ['store', `${written[1]}, which reads from ${url}`],
        ],
        context.terminal.width,
      ),
      '',
      `In Python: FeatureStore(repo_path=${JSON.stringify(folder)}).get_online_features(…)`,
    ].join('\n'),
  }
}

/** Feast refuses other names of projects. */
function projectName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_]*$/.test(name)) return name
  throw new MartletError('USAGE', `--project ${name} is not a name of a Feast project. Use letters, digits and _.`, {
    data: { project: name },
  })
}

function urlOf(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return given.replace(/\/+$/, '')
  throw new MartletError('USAGE', `--url ${given} is not a URL. Give one such as https://features.example.com.`, {
    data: { url: given },
  })
}

function servedAt({ serving }: MartletConfig): string {
  return `http://${serving?.host ?? '127.0.0.1'}:${serving?.port ?? 8080}`
}

/** Feast asks for the database by name. One that is chosen by a connection of the user is not known here. */
function snowflakeOf({ warehouse }: MartletConfig): { readonly database: string } | undefined {
  const database = 'snowflake' in warehouse ? warehouse.snowflake.database : undefined
  return database === undefined ? undefined : { database }
}
