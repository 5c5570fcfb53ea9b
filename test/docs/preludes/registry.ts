/** What the README of the schema registry takes for granted. */
import { kafkaCluster } from 'rxweft/kafka'

export interface Order {
  readonly id: string
}

export interface Bill {
  readonly total: number
}

export const kafka = kafkaCluster({ brokers: ['localhost:9092'] })
export const username = 'rxweft'
export const password = process.env.REGISTRY_PASSWORD ?? ''
export const bill = { type: 'record', name: 'Bill', fields: [{ name: 'total', type: 'double' }] } as const
