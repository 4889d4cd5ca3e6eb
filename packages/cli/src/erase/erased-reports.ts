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
    const plain = MARKUP.has(extname(name)) ? withoutEntities(text) : text
    if (!mentions.inText(plain) && !examplesIn(extname(name), text).some((one) => mentions.inExample(one))) continue
    removed.push({ kind: 'report, deleted', place: join(folder, name), rows: 1 })
    if (!dryRun) await rm(join(folder, name), { force: true })
  }
  return removed
}

function withoutEntities(text: string): string {
  return ENTITIES.reduce((rest, [entity, character]) => rest.replaceAll(entity, character), text)
}

/** The examples of a report, each a text: their keys may be numbers, or too short to be looked for in other texts. */
function examplesIn(extension: string, text: string): readonly string[] {
  if (extension === '.html') return (text.match(/<li class="example">.*?<\/li>/gs) ?? []).map(withoutEntities)
  if (extension !== '.json') return []
  const found: string[] = []
  try {
    JSON.parse(text, (name, value: unknown) => {
      if (name === 'keys' && typeof value === 'object' && value !== null) found.push(Object.values(value).join(' '))
      return value
    })
  } catch (error) {
    // A file that is no JSON is none of ours, or half of one.
    if (error instanceof SyntaxError) return [text]
    throw error
  }
  return found
}
