import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { checkOut, commitOf } from '../../src/diff/check-out.ts'
import { removeLeftBehind } from '../../src/diff/left-behind.ts'
import { gitProject } from './diff-project.ts'

it('a configuration that was a link to a file elsewhere is not taken for that of the commit', async () => {
  await using git = await gitProject()
  const config = join(git.folder, 'martlet.config.ts')
  const present = git.project.path('present.ts')
  writeFileSync(present, 'export default {}\n')
  symlinkSync(present, config)
  const linked = git.commit('A link out of the commit')
  rmSync(config)
  symlinkSync('../present.ts', config)
  const inside = git.commit('A link within it')
  await expect(checkOut(await commitOf(git.folder, linked), config)).rejects.toMatchObject({
    code: 'DIFF_DEFINITIONS_FAILED',
    message: expect.stringContaining('its ml/martlet.config.ts is a symbolic link out of the repository'),
  })
  using files = await checkOut(await commitOf(git.folder, inside), config)
  expect(existsSync(files.config)).toBe(true)
})

it('what killed runs have left behind is removed after a day', () => {
  const folder = mkdtempSync(join(tmpdir(), 'martlet-test-'))
  try {
    const old = new Date(Date.now() - 2 * 86_400_000)
    for (const name of ['martlet-diff-old', 'martlet-diff-new', 'martlet-other'])
      mkdirSync(join(folder, name, 'tree'), { recursive: true })
    symlinkSync(join(folder, 'martlet-other'), join(folder, 'martlet-diff-link'))
    for (const name of ['martlet-diff-old', 'martlet-other']) utimesSync(join(folder, name), old, old)
    removeLeftBehind(folder)
    expect(readdirSync(folder)).toEqual(['martlet-diff-link', 'martlet-diff-new', 'martlet-other'])
    removeLeftBehind(folder, Date.now() + 2 * 86_400_000)
    expect(readdirSync(folder)).toEqual(['martlet-diff-link', 'martlet-other'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
