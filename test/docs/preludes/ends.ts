import {
  defineJob,
  type Job,
  type MemorySink,
  type MemorySource,
  memorySink,
  memorySource,
  type Stream,
  type TransactionalSink,
  to,
} from 'rxweft'

export interface Order {
  readonly id: string
  readonly amount: number
  readonly paid: boolean
}

export interface Payment {
  readonly order: string
  readonly card: string
  readonly amount: number
}

export interface Rule {
  readonly name: string
  readonly limit: number
}

export interface Click {
  readonly user: string
  readonly page: string
  readonly at: number
}

export const lines: MemorySource<string> = memorySource<string>()
export const counts: MemorySink<string> = memorySink<string>()
export const job: Job = defineJob('upper', ({ from }) => from(lines).pipe(to(counts)))
export declare const orders: Stream<Order>
export declare const payments: Stream<Payment>
export declare const rules: Stream<Rule>
export declare const clicks: Stream<Click>
export declare const lateClicks: TransactionalSink<Click>
