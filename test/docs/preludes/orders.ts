import type { Stream, TransactionalSink } from 'rxweft'

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

export declare const orders: Stream<Order>
export declare const payments: Stream<Payment>
export declare const rules: Stream<Rule>
export declare const alerts: TransactionalSink<Order>
export declare function nameOf(customer: number, signal: AbortSignal): Promise<string>
