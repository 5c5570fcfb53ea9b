/** Streams as a job's function has them. */
import type { Observable } from 'rxjs'
import type { StreamElement, TransactionalSink } from 'rxweft'

export interface Order {
  readonly id: string
  readonly customer: number
  readonly amount: number
  readonly paid: boolean
}

export interface Payment {
  readonly order: string
  readonly amount: number
}

export interface Rule {
  readonly name: string
  readonly limit: number
}

export declare const orders: Observable<StreamElement<Order>>
export declare const payments: Observable<StreamElement<Payment>>
export declare const rules: Observable<StreamElement<Rule>>
export declare const alerts: TransactionalSink<Order>
export declare function nameOf(customer: number, signal: AbortSignal): Promise<string>
