import type { Connection } from 'snowflake-sdk'
import { MartletError } from '../errors.ts'
import { loginFailed } from './errors.ts'
import { connectionOptions, secretsOf, sessionSettings } from './options.ts'
import type { SnowflakeOptions } from './options.ts'
import { loadSdk } from './sdk.ts'

/** Logs in and checks that it worked: the SDK's own promise is fulfilled when it did not. */
export async function login(options: SnowflakeOptions): Promise<Connection> {
  const { networkSeconds } = sessionSettings(options)
  const settings = connectionOptions(options)
  const sdk = await loadSdk()
  const secrets = secretsOf(options)
  const connection = create()
  let timer: NodeJS.Timeout | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(unreachable(networkSeconds)), networkSeconds * 1000)
      connection
        .connectAsync((error) => {
          if (error == null) resolve()
          else reject(loginFailed(error, secrets))
        })
        .then(() => {
          if (!connection.isUp()) reject(loginFailed(new Error('the connection is not up after the login'), secrets))
        }, (error: unknown) => reject(loginFailed(error, secrets)))
    })
  } catch (error) {
    connection.destroy(() => undefined)
    throw error
  } finally {
    clearTimeout(timer)
  }
  return connection

  function create(): Connection {
    try {
      // The file's own options are the SDK's to read: it checks who else may read the file.
      if (settings === undefined) return sdk.createConnection(undefined as never)
      return sdk.createConnection({ ...settings, application: 'Martlet', representNullAsStringNull: false, resultPrefetch: 4, sfRetryMaxLoginRetries: 3 })
    } catch (error) {
      throw loginFailed(error, secrets)
    }
  }
}

function unreachable(seconds: number): MartletError {
  return new MartletError('WAREHOUSE_OPEN_FAILED', `Snowflake did not answer the login within ${seconds} seconds. Check the account and the network.`, { data: { seconds } })
}
