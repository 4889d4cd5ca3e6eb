import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url))

/** Public data sets, which are not in the repository. */
export const files = {
  load: `${folder}pjm_hourly_load/load.parquet`,
  trips: `${folder}nyc_green_taxi/trips.parquet`,
  series: `${folder}nab/series.parquet`,
  labelled: `${folder}nab/anomaly_windows.parquet`,
}

export const missing = Object.values(files).filter((path) => !existsSync(path))
