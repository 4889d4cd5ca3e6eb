import { z } from 'zod'

const texts = z.record(z.string(), z.string()).readonly()

/** An entry of a package-lock.json: what is read here, and whatever else npm wrote. */
export const lockEntry: z.ZodType<LockEntry> = z.looseObject({
  name: z.string().optional(),
  version: z.string().optional(),
  resolved: z.string().optional(),
  link: z.boolean().optional(),
  optional: z.boolean().optional(),
  dependencies: texts.optional(),
  optionalDependencies: texts.optional(),
  peerDependencies: texts.optional(),
  peerDependenciesMeta: z
    .record(z.string(), z.object({ optional: z.boolean().optional() }))
    .readonly()
    .optional(),
})

type Texts = Readonly<Record<string, string>>

export interface LockEntry {
  readonly [field: string]: unknown
  readonly name?: string | undefined
  readonly version?: string | undefined
  readonly resolved?: string | undefined
  readonly link?: boolean | undefined
  readonly optional?: boolean | undefined
  readonly dependencies?: Texts | undefined
  readonly optionalDependencies?: Texts | undefined
  readonly peerDependencies?: Texts | undefined
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean | undefined }>> | undefined
}

/** Entries of a package-lock.json by place. */
export type LockEntries = Readonly<Record<string, LockEntry>>

/**
 * The part of a monorepo's lock that installs its packages from tarballs. With it npm downloads nothing that it has cached when
 * the monorepo itself was installed.
 *
 * @param entries the `packages` of the monorepo's package-lock.json
 * @param tarballs `file:` specifiers of the monorepo's packages by name
 * @param others packages of the registry that are installed too
 */
export function lockOfClone(entries: LockEntries, tarballs: Texts, others: readonly string[]): LockEntries {
  const needed = new Map<string, LockEntry>()
  const linked = Object.entries(entries).flatMap(([place, { link, resolved }]) =>
    link === true && resolved !== undefined ? [{ place, folder: `${resolved}/` }] : [],
  )
  /** What is below a package's folder in the monorepo is below it in node_modules. */
  const installed = (place: string): string => {
    const outer = linked.find(({ folder }) => place.startsWith(folder))
    return outer === undefined ? place : `${outer.place}/${place.slice(outer.folder.length)}`
  }
  const visit = (from: string, name: string, optional: boolean): void => {
    const place = placeOf(entries, from, name)
    if (place === undefined) return
    const known = needed.get(installed(place))
    // What so far only optional dependencies need is visited again when something requires it.
    if (known !== undefined && (optional || known.optional !== true)) return
    const found = entries[place] ?? {}
    const inside = found.link === true ? (found.resolved ?? place) : place
    const { dev, devOptional, peer, optional: before, devDependencies, name: alias, ...entry } = entries[inside] ?? {}
    const resolved = tarballs[name] ?? entry.resolved ?? registryTarball(alias ?? name, entry.version ?? '')
    needed.set(installed(place), { ...entry, resolved, ...(optional ? { optional } : {}) })
    for (const dependency of Object.keys(entry.dependencies ?? {})) visit(inside, dependency, optional)
    for (const dependency of Object.keys(entry.optionalDependencies ?? {})) visit(inside, dependency, true)
    for (const dependency of Object.keys(entry.peerDependencies ?? {})) {
      if (entry.peerDependenciesMeta?.[dependency]?.optional !== true) visit(inside, dependency, optional)
    }
  }
  for (const name of [...Object.keys(tarballs), ...others]) visit('', name, false)
  return Object.fromEntries([...needed].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** With an address npm finds the bytes in its cache by their integrity; without one it asks the registry. */
function registryTarball(name: string, version: string): string {
  return `https://registry.npmjs.org/${name}/-/${name.slice(name.indexOf('/') + 1)}-${version}.tgz`
}

/** Where Node finds `name` from the package at `from`. */
function placeOf(entries: LockEntries, from: string, name: string): string | undefined {
  for (let folder = from; ;) {
    const candidate = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
    if (candidate in entries) return candidate
    if (folder === '') return undefined
    folder = folder.includes('/node_modules/') ? folder.slice(0, folder.lastIndexOf('/node_modules/')) : ''
  }
}
