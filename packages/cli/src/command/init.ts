import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { MartletError } from '@martlet/warehouse'
import { cloneOfCommand, type Clone } from '../init/clone.ts'
import { projectFiles } from '../init/project-files.ts'
import type { Outcome } from '../terminal/outcome.ts'
import type { CommandContext } from './run-command.ts'

export async function init({ terminal, exporting }: CommandContext, folder: string): Promise<Outcome> {
  const root = resolve(folder)
  const clone = cloneOfCommand()
  const files = projectFiles({ today: new Date(), folder: root, clone })
  const standing = Object.keys(files).filter((name) => existsSync(join(root, name)))
  if (standing.length > 0) {
    throw new MartletError(
      'INIT_REFUSED',
      `${root} already has ${standing.join(', ')}, and nothing is overwritten. ` +
        'Choose an empty folder: `martlet init <folder>`.',
      { data: { folder: root, files: standing } },
    )
  }
  try {
    exporting(() => {
      mkdirSync(root, { recursive: true })
      for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text, { flag: 'wx' })
    })
  } catch (cause) {
    throw new MartletError(
      'PLACE_UNWRITABLE',
      `The project cannot be written to ${root}: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        'Choose a folder that you may write.',
      { data: { folder: root }, cause },
    )
  }
  const shown = relative('.', root)
  const enter = shown === '' ? [] : [`cd ${shown}`]
  const commands = [
    'npm install',
    'node seed.ts',
    'npx martlet apply --yes',
    'npx martlet materialize',
    'npx martlet serve',
  ]
  const steps = [...packSteps(clone), ...enter, ...commands]
  return {
    exitCode: 0,
    data: { folder: root, files: Object.keys(files), next: steps },
    text: [
      `wrote ${Object.keys(files).length} files to ${root}`,
      ...Object.keys(files).map((name) => `  ${terminal.paint('dim', name)}`),
      '',
      'Next:',
      ...steps.map((step) => `  $ ${step}`),
    ].join('\n'),
  }
}

/** The command that makes the tarballs that the project installs, unless they all exist. */
function packSteps(clone: Clone | null): readonly string[] {
  if (clone === null || Object.values(clone.tarballs).every((tarball) => existsSync(tarball))) return []
  const shown = relative('.', clone.folder)
  return [shown === '' ? 'npm run pack' : `npm run pack --prefix ${shown}`]
}
