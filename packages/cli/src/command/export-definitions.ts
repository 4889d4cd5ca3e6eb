import { resolve } from 'node:path'
import process from 'node:process'
import { importDefinitions } from '../config/import-definitions.ts'
import { definitionSet, definitionSetText } from '../diff/definition-set.ts'
import { writeWhole } from '../place/write-whole.ts'
import { readDefinitions } from '../project/definitions.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { counted } from '../terminal/words.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface ExportDefinitionsOptions extends GlobalOptions {
  readonly into?: string
}

/** `export definitions`: the plans of the present definitions as a file, which `martlet diff --against` reads. */
export async function exportDefinitions(context: CommandContext, options: ExportDefinitionsOptions): Promise<Outcome> {
  const set = definitionSet(await readDefinitions(await importDefinitions(context.configPath)))
  const file = resolve(options.into ?? 'definitions.json')
  const mode = context.exporting(() => 0o666 & ~process.umask())
  writeWhole(file, definitionSetText(set), mode)
  const counts = { views: set.views.size, services: set.services.size, labels: set.labels.size }
  const words = Object.entries(counts).map(([name, count]) => counted(count, name.replace(/s$/, '')))
  return { exitCode: 0, data: { file, ...counts }, text: `${file}: ${words.join(', ')}` }
}
