import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withAddition, type ChangedPackage } from '../../warehouse/test/house/with-addition.ts'
import { seededProject, start, type Ended, type TestProject } from './run-martlet.ts'

/** An online store that keeps its rows in one JSON file: what a contributor writes to add a place. */
const toyFile = `
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { OnlineStore } from '@martlet/feature-store'
import { z } from 'zod'
import type { MartletConfig } from '../config/martlet-config.ts'
import { attempt } from './check.ts'
import { localPath } from './local-path.ts'
import type { OnlinePlace } from './place.ts'

export const toyFile: OnlinePlace<{ readonly toyFile: string }> = {
  form: '{ toyFile: <file> }',
  schema: () => z.strictObject({ toyFile: localPath }),
  path: (config, at) => at(config.toyFile),
  open: async (config, { at }) => openToyFile(at(config.toyFile)),
  check: async (config, { path, open }) => [
    await attempt('online', 'Check online.toyFile.', async () => {
      await (await open()).count('doctor')
      return 'toy file ' + (path ?? config.toyFile)
    }),
  ],
}

// The configuration's type knows the new place, and that it excludes the others.
export const configured: MartletConfig['online'] = { toyFile: 'online.json' }
// @ts-expect-error one online store, not two
export const twice: MartletConfig['online'] = { toyFile: 'online.json', lmdb: 'online' }
// @ts-expect-error a path, not a number
export const wrong: MartletConfig['online'] = { toyFile: 7 }

const kept = z.record(z.string(), z.record(z.string(), z.object({ time: z.string(), value: z.string() })))

function openToyFile(path: string): OnlineStore {
  const tables = existsSync(path) ? kept.parse(JSON.parse(readFileSync(path, 'utf8'))) : {}
  const save = (): void => writeFileSync(path, JSON.stringify(tables))
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
  const close = async (): Promise<void> => undefined
  return {
    kind: 'toy file',
    read: (reads) =>
      reads.map(({ table, keys }) =>
        keys.map((key) => {
          const row = tables[table]?.[text(key)]
          return row === undefined ? undefined : { time: BigInt(row.time), value: Buffer.from(row.value, 'base64') }
        }),
      ),
    async write(table, rows) {
      const there = (tables[table] ??= {})
      let written = 0
      for (const { key, time, value } of rows) {
        if (BigInt(there[text(key)]?.time ?? time) > time) continue
        there[text(key)] = { time: String(time), value: text(value) }
        written++
      }
      save()
      return written
    },
    async remove(table, keys) {
      let removed = 0
      for (const key of keys) if (tables[table]?.[text(key)] !== undefined && delete tables[table]?.[text(key)]) removed++
      save()
      return removed
    },
    async *keys(table) {
      yield Object.keys(tables[table] ?? {}).map((key) => Buffer.from(key, 'base64'))
    },
    async clear(table) {
      delete tables[table]
      save()
    },
    count: (table) => Object.keys(tables[table] ?? {}).length,
    close,
    [Symbol.asyncDispose]: close,
  }
}
`

describe('an online store is added with one file and one line', () => {
  let changed: ChangedPackage
  let project: TestProject
  beforeAll(async () => {
    changed = withAddition('cli', {
      file: 'place/toy-file.ts',
      source: toyFile,
      list: 'place/online-stores.ts',
      name: 'toyFile',
    })
    project = await seededProject()
    await project.write(
      'changed.ts',
      `import { main } from '${changed.folder}/command/main.ts'\nprocess.exitCode = await main(process.argv.slice(2))\n`,
    )
    await project.edit('martlet.config.ts', "{ lmdb: '.martlet/online' }", "{ toyFile: '.martlet/online.json' }")
  })
  afterAll(async () => {
    changed[Symbol.dispose]()
    await project[Symbol.asyncDispose]()
  })

  function martlet(...args: readonly string[]): Promise<Ended> {
    return start(['changed.ts', ...args], { cwd: project.folder }).ended
  }

  it('the types of the package hold, and those of the configuration know it', async () => {
    expect(await changed.typeErrors()).toBe('')
  })

  it('without the addition the configuration is refused', async () => {
    const { code, stderr } = await project.martlet('doctor')
    expect(code).toBe(1)
    expect(stderr).toBe('')
    expect((await project.martlet('plan')).stderr).toContain('online.toyFile: there is no such key')
  })

  it('with it the configuration is checked, and a wrong key is refused in words', async () => {
    const config = await readFile(project.path('martlet.config.ts'), 'utf8')
    await project.write('wrong.config.ts', config.replace('toyFile:', 'toyFlie:'))
    const { code, stderr } = await martlet('plan', '--config', 'wrong.config.ts')
    expect(code).not.toBe(0)
    expect(stderr).toContain('online.toyFlie: there is no such key; did you mean toyFile?')
    expect(stderr).toMatch(/online: must be .*\{ toyFile: <file> \}/)
  })

  it('materialize publishes into it, and doctor and status show it', async () => {
    expect(await martlet('apply', '--yes')).toMatchObject({ code: 0 })
    const done = await martlet('materialize')
    expect(done).toMatchObject({ code: 0 })
    expect(done.stdout).toMatch(/^customer_usage +1,200 +20 /m)
    const stored = JSON.parse(await readFile(project.path('.martlet/online.json'), 'utf8')) as Record<string, object>
    expect(Object.values(stored).map((rows) => Object.keys(rows).length)).toContain(20)
    const doctor = await martlet('doctor')
    expect(doctor.stdout.replaceAll(/\s+/g, ' ')).toContain(
      `ok online toy file ${project.path('.martlet/online.json')}`,
    )
    const status = JSON.parse((await martlet('status', '--json')).stdout) as { readonly views: readonly object[] }
    expect(status.views).toMatchObject([{ view: 'customer_usage', publishedTime: expect.any(String) }])
  })
})
