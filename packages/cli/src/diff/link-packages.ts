import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'

/**
 * Lets the files of a checked-out commit find the packages that are installed next to the present ones.
 *
 * A workspace package of the repository is that of the commit, because definitions may stand in it; Martlet's own are the
 * present ones, so that both definitions are read by the same version.
 *
 * @param root the repository
 * @param tree the files of the commit, in a folder of their own
 * @param folder the folder of the configuration in `tree`
 */
export function linkPackages(root: string, tree: string, folder: string): void {
  for (const place of packageFolders(tree, folder)) {
    const installed = join(root, relative(tree, place), 'node_modules')
    const target = join(place, 'node_modules')
    if (!existsSync(installed) || existsSync(target)) continue
    // A link that was committed and leads nowhere from here.
    rmSync(target, { force: true })
    linkFolder(installed, target, root, tree)
  }
  // What lies above the repository is found above the tree.
  for (let above = dirname(root); ; above = dirname(above)) {
    const installed = join(above, 'node_modules')
    if (existsSync(installed)) {
      symlinkSync(realpathSync(installed), join(dirname(tree), 'node_modules'), 'junction')
      return
    }
    if (dirname(above) === above) return
  }
}

/** The folders with packages of their own: those with a manifest, and those above the configuration. */
function packageFolders(tree: string, folder: string): ReadonlySet<string> {
  const found = new Set<string>()
  for (const entry of readdirSync(tree, { recursive: true, withFileTypes: true }))
    if (entry.name === 'package.json' && entry.isFile()) found.add(entry.parentPath)
  for (let above = folder; ; above = dirname(above)) {
    found.add(above)
    if (above === tree) return found
  }
}

function linkFolder(installed: string, target: string, root: string, tree: string): void {
  mkdirSync(target)
  for (const name of packageNames(installed)) {
    const real = realPath(join(installed, name))
    if (real === undefined) continue
    const inside = relative(root, real)
    const workspace = !isMartlet(name) && !inside.startsWith('..') && !inside.split(sep).includes('node_modules')
    const own = join(tree, inside)
    mkdirSync(dirname(join(target, name)), { recursive: true })
    symlinkSync(workspace && existsSync(own) ? own : real, join(target, name), 'junction')
  }
}

function packageNames(installed: string): readonly string[] {
  return readdirSync(installed)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(installed, name)).map((inner) => `${name}/${inner}`) : [name],
    )
}

function isMartlet(name: string): boolean {
  return name === 'martlet' || name.startsWith('@martlet/')
}

/** Undefined for a link that leads nowhere. */
function realPath(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}
