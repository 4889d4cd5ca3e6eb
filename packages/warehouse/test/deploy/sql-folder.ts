import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readDeployment, type Deployment, type Engine, type Warehouse } from '@martlet/warehouse'

/** A folder of SQL files that a test changes between two deployments. */
export class SqlFolder implements AsyncDisposable {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  static async with(files: Readonly<Record<string, string>>): Promise<SqlFolder> {
    const folder = new SqlFolder(await mkdtemp(join(tmpdir(), 'martlet-deploy-')))
    for (const [name, text] of Object.entries(files)) await folder.write(name, text)
    return folder
  }

  async write(name: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.path, name)), { recursive: true })
    await writeFile(join(this.path, name), text)
  }

  remove(name: string): Promise<void> {
    return rm(join(this.path, name))
  }

  read(engine: Engine, set: Readonly<Record<string, string>> = {}): Promise<Deployment> {
    return readDeployment({ engine, folder: this.path, set })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }
}

/** Thrown by a warehouse that dies. */
export class Died extends Error {}

/** A warehouse whose process dies before, or right after, its n-th statement, counted over all its sessions. */
export function dying(warehouse: Warehouse, lives: { left: number }, after = false): Warehouse {
  const one = (inner: Warehouse): Warehouse =>
    new Proxy(inner, {
      get(target, name) {
        if (name === 'run') {
          return async (...args: Parameters<Warehouse['run']>) => {
            if (!after && lives.left-- <= 0) throw new Died()
            const changed = await target.run(...args)
            if (after && lives.left-- <= 0) throw new Died()
            return changed
          }
        }
        if (name === 'transaction' || name === 'session')
          return (work: (inside: Warehouse) => Promise<unknown>) => target[name]((inside) => work(one(inside)))
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  return one(warehouse)
}
