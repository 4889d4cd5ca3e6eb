import { MartletError } from '@martlet/warehouse'

/** A folder that is no MLflow model that can be imported. */
export function notImportable(place: string, why: string, cause?: unknown): MartletError {
  return new MartletError('MLFLOW_MODEL_INVALID', `${place} cannot be imported: ${why}`, { data: { place }, cause })
}
