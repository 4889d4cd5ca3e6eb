import process from 'node:process'
import type Snowflake from 'snowflake-sdk'
import { MartletError } from '../errors.ts'

type Sdk = typeof Snowflake

let loaded: Promise<Sdk> | undefined

/**
 * The SDK, loaded at the first use and kept quiet: it writes no log lines, probes no cloud metadata and evaluates no text.
 * @throws MartletError SNOWFLAKE_SDK_MISSING when the package cannot be loaded
 */
export function loadSdk(): Promise<Sdk> {
  loaded ??= load()
  return loaded
}

async function load(): Promise<Sdk> {
  // The SDK reads these when it is imported.
  process.env['SNOWFLAKE_DISABLE_PLATFORM_DETECTION'] ??= 'true'
  process.env['SF_TELEMETRY_DISABLE_CONNECTION_SHAPE'] ??= '1'
  const sdk = await importSdk()
  sdk.configure({
    logLevel: 'OFF',
    customLogger: { error: ignore, warn: ignore, info: ignore, debug: ignore, trace: ignore },
    // By default the SDK runs text that is not JSON as a program, and one that throws ends the process.
    jsonColumnVariantParser: (text) => text,
    xmlColumnVariantParser: (text) => text,
  })
  return sdk
}

async function importSdk(): Promise<Sdk> {
  try {
    const { default: sdk } = await import('snowflake-sdk')
    return sdk
  } catch (cause) {
    loaded = undefined
    throw new MartletError(
      'SNOWFLAKE_SDK_MISSING',
      'The package snowflake-sdk cannot be loaded. Install it: npm install snowflake-sdk@3.3.0',
      { cause },
    )
  }
}

function ignore(): void {}
