/** Streams, sources and sinks of the pages on state and time. */
import type { Observable } from 'rxjs'
import {
  defineJob,
  type Job,
  type MemorySink,
  type MemorySource,
  memorySink,
  memorySource,
  type StreamElement,
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
export declare const orders: Observable<StreamElement<Order>>
export declare const payments: Observable<StreamElement<Payment>>
export declare const rules: Observable<StreamElement<Rule>>
export declare const clicks: Observable<StreamElement<Click>>
export declare const lateClicks: TransactionalSink<Click>
