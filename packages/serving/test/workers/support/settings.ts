export interface WorkerSettings {
  /** With the catalog, the artifacts and the LMDB store that `backing` makes. */
  readonly folder: string
  /** Where the online store is instead. */
  readonly redis?: string
}
