import process from 'node:process'
import { kafka } from '@martlet/feature-store'
import type { TableName } from './bank/rows.ts'

/** The variable with the addresses of the brokers that the changes travel through; without it they are files. */
export const BROKERS = 'BANKING_KAFKA'

/** What the names of the bank's topics begin with; the demo takes others for every run. */
const PREFIX = process.env['BANKING_TOPICS'] ?? 'bank.public'

export function topicOf(table: TableName): string {
  return `${PREFIX}.${table}`
}

/** Where the changes of a table come from: its topic, if there are brokers. */
export function originOf(table: TableName): { readonly from?: ReturnType<typeof kafka> } {
  return process.env[BROKERS] === undefined ? {} : { from: kafka({ topic: topicOf(table) }) }
}
