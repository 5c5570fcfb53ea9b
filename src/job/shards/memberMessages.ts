/** Messages between a thread that runs several shards of a member and the main thread. */
import type { Plan } from '../../contracts/plan.ts'
import type { JobResult } from '../jobHandle.ts'
import type { ShardStep } from '../members/shardRun.ts'
import type { Admission } from '../takeOver.ts'
import type { Order, WireError, WireEvent } from './messages.ts'

/** From the main thread, about one shard; or the thread must exit. */
export type MemberWord =
  /** Open everything, and wait. */
  | { readonly run: number; readonly plan: Plan }
  /** Take the shard over. */
  | { readonly go: number; readonly admission: Admission }
  /** End with a final checkpoint that lets the shard go under the plan of this number. */
  | { readonly release: number; readonly plan: number }
  | { readonly stop: number }
  | { readonly cancel: number }
  | 'exit'

/** From the thread. */
export type MemberReport =
  /** The program has called `execute`. */
  | { readonly type: 'running' }
  /** The program asks to end the whole job. */
  | { readonly type: 'ask'; readonly what: Order }
  | { readonly type: 'reached'; readonly shard: number; readonly step: ShardStep }
  | { readonly type: 'event'; readonly shard: number; readonly event: WireEvent }
  | { readonly type: 'ended'; readonly shard: number; readonly result: JobResult }
  | { readonly type: 'failed'; readonly shard: number; readonly error: WireError }
