import * as catalogs from './catalogs.ts'
import { chosen } from './chosen.ts'
import * as onlineStores from './online-stores.ts'
import type { CatalogPlace, OnlinePlace, WarehousePlace } from './place.ts'
import * as warehouses from './warehouses.ts'

/** The engine of a configuration. @throws MartletError CONFIG_INVALID when it chooses none */
export function warehouseOf({ warehouse }: { readonly warehouse: unknown }): WarehousePlace<unknown> {
  return chosen<WarehousePlace<unknown>>(warehouses, 'warehouse', warehouse)
}

/** The catalog of a configuration. @throws MartletError CONFIG_INVALID when it chooses none */
export function catalogOf({ catalog }: { readonly catalog: unknown }): CatalogPlace<unknown> {
  return chosen<CatalogPlace<unknown>>(catalogs, 'catalog', catalog)
}

/** The online store of a configuration. @throws MartletError CONFIG_INVALID when it chooses none */
export function onlineOf({ online }: { readonly online: unknown }): OnlinePlace<unknown> {
  return chosen<OnlinePlace<unknown>>(onlineStores, 'online', online)
}
