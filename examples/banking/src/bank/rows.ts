import type { Cents } from './money.ts'

/** Microseconds since the epoch; fits a double until 2255. */
export type Micros = number

export const SECOND: Micros = 1_000_000
export const MINUTE: Micros = 60 * SECOND
export const HOUR: Micros = 60 * MINUTE
export const DAY: Micros = 24 * HOUR

export const SEGMENTS = ['basic', 'plus', 'private'] as const
export const CHANNELS = ['card', 'web', 'mobile', 'branch', 'standing'] as const
export const COUNTRIES = ['CH', 'DE', 'FR', 'IT', 'GB', 'US', 'LT', 'AE', 'NG'] as const

export type Channel = (typeof CHANNELS)[number]
export type Country = (typeof COUNTRIES)[number]

export interface Customer {
  readonly customer_id: string
  readonly name: string
  readonly address: string
  readonly segment: (typeof SEGMENTS)[number]
  /** Most that may leave an account of this customer in a day over web and mobile. */
  readonly transfer_limit: Cents
  readonly updated_at: Micros
}

export interface Account {
  readonly account_id: string
  readonly customer_id: string
  readonly kind: 'current' | 'savings'
  /** How far the balance may go below zero. */
  readonly overdraft: Cents
  readonly status: 'open' | 'blocked'
  /** Days since 1970. */
  readonly opened_on: number
  readonly updated_at: Micros
}

export interface Transaction {
  readonly transaction_id: number
  readonly account_id: string
  /** The how-manieth of its account, from 1. */
  readonly sequence: number
  readonly booked_at: Micros
  readonly direction: 'in' | 'out'
  readonly amount: Cents
  readonly channel: Channel
  readonly counterparty: string
  readonly country: Country
  readonly balance_after: Cents
}

/** A payment that its customer says was not theirs. */
export interface FraudReport {
  readonly report_id: number
  readonly transaction_id: number
  readonly account_id: string
  readonly reported_at: Micros
}

export interface Tables {
  readonly customers: Customer
  readonly accounts: Account
  readonly transactions: Transaction
  readonly fraud_reports: FraudReport
}

export type TableName = keyof Tables

/** The primary key of each table. */
export const KEYS = {
  customers: 'customer_id',
  accounts: 'account_id',
  transactions: 'transaction_id',
  fraud_reports: 'report_id',
} as const satisfies { readonly [T in TableName]: keyof Tables[T] }
