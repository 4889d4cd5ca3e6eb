import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { MartletError } from '@martlet/warehouse'
import { git } from './git.ts'
import { FOLDERS, removeLeftBehind } from './left-behind.ts'
import { linkPackages } from './link-packages.ts'

/** A commit of the project's repository. */
export interface Commit {
  readonly hash: string
  /** When it was made, as ISO 8601 text. */
  readonly at: string
  readonly subject: string
}

/** The files of a commit in a folder of their own, with the packages that are installed now. */
export interface CheckOut extends Disposable {
  readonly commit: Commit
  readonly folder: string
  /** Where the configuration file is in it. */
  readonly config: string
  /** A file for what is made of it. */
  readonly output: string
}

/**
 * The commit that a ref names, in the repository of a folder.
 * @throws MartletError DIFF_GIT_MISSING when git cannot be started
 * @throws MartletError DIFF_NO_REPOSITORY when the folder is in no repository
 * @throws MartletError DIFF_REF_UNKNOWN when there is no such commit
 */
export async function commitOf(
  folder: string,
  ref: string,
  signal?: AbortSignal,
): Promise<Commit & { readonly root: string }> {
  const options = signal === undefined ? {} : { signal }
  const top = await git(folder, ['rev-parse', '--show-toplevel'], options)
  if (top.code !== 0)
    throw new MartletError(
      'DIFF_NO_REPOSITORY',
      `${folder} is in no git repository that can be read, so there is no ${ref} to compare with (${top.complaint}). ` +
        'Compare with `--against applied`, or with a file of `martlet export definitions`.',
      { data: { folder, ref } },
    )
  const found = await git(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`], options)
  const hash = found.stdout.trim()
  // `^main` is a revision to git too, but one that leaves commits out.
  if (found.code !== 0 || !/^[0-9a-f]+$/.test(hash)) throw await unknownRef(folder, ref)
  const shown = await git(folder, ['show', '--no-patch', '--format=%cI%n%s', hash], options)
  const [at = '', subject = ''] = shown.stdout.split('\n')
  return { hash, at, subject, root: realpathSync(top.stdout.trim()) }
}

async function unknownRef(folder: string, ref: string): Promise<MartletError> {
  const shallow = (await git(folder, ['rev-parse', '--is-shallow-repository'])).stdout.trim() === 'true'
  const hint = shallow
    ? 'This clone has only the newest commits: fetch the others (`git fetch --unshallow`, or `fetch-depth: 0` of actions/checkout).'
    : 'Fetch it, or correct the name; `applied` is what the catalog has.'
  return new MartletError(
    'DIFF_REF_UNKNOWN',
    `There is no commit ${JSON.stringify(ref)} in this repository, and no plan of that hash in the catalog. ${hint}`,
    { data: { ref, shallow } },
  )
}

/**
 * Writes the files of a commit into a temporary folder, without touching the repository, its index or its working tree.
 * @throws MartletError DIFF_DEFINITIONS_FAILED when the commit has no configuration file at its present place
 */
export async function checkOut(
  { root, ...commit }: Commit & { readonly root: string },
  configFile: string,
  signal?: AbortSignal,
): Promise<CheckOut> {
  removeLeftBehind(tmpdir())
  const folder = realpathSync(mkdtempSync(join(tmpdir(), FOLDERS)))
  // A process that is being stopped may still write into it.
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  try {
    const tree = join(folder, 'tree')
    // Large files of definitions' repositories are not needed to load them.
    const env = { GIT_INDEX_FILE: join(folder, 'index'), GIT_LFS_SKIP_SMUDGE: '1' }
    const options = { env, ...(signal === undefined ? {} : { signal }) }
    for (const args of [
      ['read-tree', commit.hash],
      ['checkout-index', '--all', '--quiet', `--prefix=${tree}/`],
    ]) {
      const { code, complaint } = await git(root, args, options)
      if (code !== 0) throw failed(commit, `git ${args[0]} failed: ${complaint}`)
    }
    const place = join(relative(root, realpathSync(dirname(configFile))), basename(configFile))
    const config = join(tree, place)
    if (!existsSync(config)) throw failed(commit, `it has no file ${place}`)
    // The definitions of now would be taken for those of the commit.
    if (relative(tree, realpathSync(config)).startsWith('..'))
      throw failed(commit, `its ${place} is a symbolic link out of the repository`)
    linkPackages(root, tree, dirname(config))
    return { commit, folder: tree, config, output: join(folder, 'definitions.json'), [Symbol.dispose]: remove }
  } catch (error) {
    remove()
    throw error
  }
}

export function failed({ hash }: Commit, why: string, cause?: unknown): MartletError {
  return new MartletError(
    'DIFF_DEFINITIONS_FAILED',
    `The definitions of commit ${hash.slice(0, 10)} cannot be loaded: ${why}. ` +
      'Compare with a commit whose definitions load with the packages that are installed now.',
    { data: { commit: hash }, ...(cause === undefined ? {} : { cause }) },
  )
}
