import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { MartletError } from '@martlet/warehouse'
import { shownVariable } from '../config/environment.ts'
import { prepareFolder, type Project } from '../project/project.ts'
import { redisLabel } from '../project/redis.ts'
import { bytesWords } from '../terminal/words.ts'
import { attempt, type Check } from './check.ts'
import { checkSnowflake } from './snowflake.ts'

/** The four places: there, readable, writable, not locked. */
export async function checkPlaces(project: Project): Promise<readonly Check[]> {
  const { paths } = project
  const { snowflake } = project.config.warehouse
  const warehouse = snowflake === undefined ? [await checkDuckDb(project)] : await checkSnowflake(project, snowflake)
  return [
    ...warehouse,
    await checkCatalog(project),
    await checkOnline(project),
    await attempt('artifacts', 'Correct artifacts.folder, or the rights of that folder.', async () => {
      prepareFolder(paths.artifacts, 'artifacts.folder')
      return paths.artifacts
    }),
  ]
}

async function checkDuckDb(project: Project): Promise<Check> {
  const path = project.paths.warehouse ?? ''
  if (path !== ':memory:' && !existsSync(path)) {
    return {
      name: 'warehouse',
      state: 'warn',
      found: `duckdb ${path} is not there yet`,
      fix: 'It is made when it is first opened: load your tables into it.',
    }
  }
  try {
    await project.warehouse()
    return { name: 'warehouse', state: 'ok', found: `duckdb ${path}${sizeText(path)}` }
  } catch (error) {
    const locked = error instanceof MartletError && error.code === 'WAREHOUSE_LOCKED'
    const found = error instanceof Error ? error.message : String(error)
    if (locked)
      return {
        name: 'warehouse',
        state: 'warn',
        found,
        fix: 'That is right while something is being materialized; otherwise stop that process.',
      }
    return {
      name: 'warehouse',
      state: 'fail',
      found,
      fix: 'Check warehouse.duckdb, the rights of the file, and that DuckDB of this version wrote it.',
    }
  }
}

async function checkCatalog(project: Project): Promise<Check> {
  const { catalog: path } = project.paths
  const fix =
    path === null
      ? 'Check what is wrong with the warehouse, and that the role may create tables in the schema of catalog.snowflake.'
      : 'Check catalog.sqlite and the rights of that folder; a catalog of a newer martlet needs that martlet.'
  return attempt('catalog', fix, async () => {
    const { db } = await project.catalog()
    const versions = await db
      .selectFrom('schema_versions')
      .select(['component', (inner) => inner.fn.max('version').as('version')])
      .groupBy('component')
      .execute()
    if (path !== null) accessSync(path, constants.W_OK)
    const where =
      path === null
        ? `schema ${project.config.catalog.snowflake?.schema ?? 'catalog'} of the warehouse`
        : `${path}${sizeText(path)}`
    return `${where}, ${versions.map(({ component, version }) => `${component} version ${version}`).join(', ')}`
  })
}

async function checkOnline(project: Project): Promise<Check> {
  const { online } = project.config
  if (online !== 'memory' && 'redis' in online) {
    const variable =
      'urlFrom' in online.redis
        ? (shownVariable(online.redis.urlFrom) ?? 'the variable that online.redis.urlFrom names')
        : undefined
    const fix = variable === undefined ? 'online.redis.url' : `the URL in ${variable}`
    return attempt('online', `Check that the server is up, and ${fix}.`, async () => {
      const store = await project.online()
      await store.read([{ table: 'doctor', keys: [new Uint8Array()] }])
      return `${redisLabel(online.redis)} answers`
    })
  }
  const { online: path } = project.paths
  if (path === null) {
    return {
      name: 'online',
      state: 'warn',
      found: 'in memory: what materialize publishes is gone when it ends',
      fix: "Set online: { lmdb: '.martlet/online' }.",
    }
  }
  return attempt(
    'online',
    'Check online.lmdb and the rights of that folder; if the files are damaged, remove them and run martlet materialize.',
    async () => {
      const store = await project.online()
      await store.count('doctor')
      return path
    },
  )
}

function sizeText(path: string): string {
  return existsSync(path) ? `, ${bytesWords(statSync(path).size)}` : ''
}
