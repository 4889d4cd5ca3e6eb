import { readdir, readFile, rm } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { reportFormats } from '@martlet/drift'
import type { ErasedPlace, KeyMentions } from '@martlet/feature-store'
import { noFolder } from './no-folder.ts'

const ENTITIES: readonly (readonly [string, string])[] = [
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&#39;', "'"],
  ['&#x27;', "'"],
  ['&amp;', '&'],
]

const EXTENSIONS: ReadonlySet<string> = new Set(reportFormats.map(({ extension }) => `.${extension}`))
/** Formats whose text has entities in it. */
const MARKUP: ReadonlySet<string> = new Set(['.html', '.xml'])

/** Deletes the drift reports that name a key; the next run writes them again. */
export async function eraseReports(
  folder: string,
  mentions: KeyMentions,
  dryRun: boolean,
): Promise<readonly ErasedPlace[]> {
  const removed: ErasedPlace[] = []
  const files = (await readdir(folder, { withFileTypes: true }).catch(noFolder)).filter(
    (entry) => entry.isFile() && EXTENSIONS.has(extname(entry.name)),
  )
  for (const { name } of files) {
    const text = await readFile(join(folder, name), 'utf8')
    const plain = MARKUP.has(extname(name))
      ? ENTITIES.reduce((rest, [entity, character]) => rest.replaceAll(entity, character), text)
      : text
    if (!mentions.inText(plain)) continue
    removed.push({ kind: 'report, deleted', place: join(folder, name), rows: 1 })
    if (!dryRun) await rm(join(folder, name), { force: true })
  }
  return removed
}
