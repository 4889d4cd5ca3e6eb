import type { Connection } from 'snowflake-sdk'
import { MartletError } from '../errors.ts'
import { loginFailed } from './errors.ts'
import { connectionOptions, secretsOf, sessionSettings } from './options.ts'
import type { SnowflakeOptions } from './options.ts'
import { loadSdk } from './sdk.ts'

/**
 * Logs in, and checks that it worked: the SDK's promise is fulfilled even when it did not.
 * @throws MartletError WAREHOUSE_OPEN_FAILED when Snowflake refuses the login or does not answer
 */
export async function login(options: SnowflakeOptions): Promise<Connection> {
  const { networkSeconds } = sessionSettings(options)
  const settings = connectionOptions(options)
  const sdk = await loadSdk()
  const secrets = secretsOf(options)
  const connection = create()
  let timer: NodeJS.Timeout | undefined
  try {
    await Promise.race([
      connected(connection, secrets),
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(unreachable(networkSeconds)), networkSeconds * 1000)
      }),
    ])
  } catch (error) {
    connection.destroy(() => undefined)
    throw error
  } finally {
    clearTimeout(timer)
  }
  return connection

  function create(): Connection {
    try {
      // The SDK reads connections.toml itself: it checks who else may read the file.
      if (settings === undefined) return sdk.createConnection()
      return sdk.createConnection({
        ...settings,
        application: 'Martlet',
        representNullAsStringNull: false,
        resultPrefetch: 4,
        sfRetryMaxLoginRetries: 3,
      })
    } catch (error) {
      throw loginFailed(error, secrets)
    }
  }
}

// The promise is fulfilled even when the login failed: only the callback and the state afterwards show it.
async function connected(connection: Connection, secrets: readonly string[]): Promise<void> {
  let failure: unknown
  try {
    await connection.connectAsync((error) => {
      failure = error
    })
  } catch (error) {
    failure ??= error
  }
  if (failure != null) throw loginFailed(failure, secrets)
  if (!connection.isUp()) throw loginFailed(new Error('the connection is not up after the login'), secrets)
}

function unreachable(seconds: number): MartletError {
  return new MartletError(
    'WAREHOUSE_OPEN_FAILED',
    `Snowflake did not answer the login within ${seconds} seconds. Check the account and the network.`,
    { data: { seconds } },
  )
}
