/** What the job does now, put together from the events of its shards. */
import type { WatchedEvent } from '../subject.ts'
import type { Reason, State, Status } from '../view.ts'

export interface StatusWatch {
  /** Returns whether anything has changed. */
  tell(event: WatchedEvent, now: number): boolean
  /** Whether somebody has asked for the end. */
  stopping(asked: boolean): void
  readonly now: Status
}

type ShardState = 'starting' | 'running' | 'idle' | 'restarting'

interface Shard {
  readonly state: ShardState
  readonly since: number
  readonly reason: Reason | null
  readonly until: number | null
}

type End = Pick<Status, 'state' | 'since' | 'reason' | 'outcome'>

export function statusWatch(start: number): StatusWatch {
  const shards = new Map<number, Shard>()
  let end: End | null = null
  /** A stop has been asked for. */
  let asked = false

  function set(
    shard: number,
    state: ShardState,
    since: number,
    reason: Reason | null = null,
    until: number | null = null,
  ) {
    shards.set(shard, { state, since, reason, until })
    if (end?.state === 'down') end = null
    return true
  }

  return {
    tell(event, now) {
      const { shard = 0 } = event
      switch (event.type) {
        case 'started':
          // Until the state is restored, the cause of the restart stays visible.
          return set(shard, 'starting', now, shards.get(shard)?.reason ?? null)
        case 'restored':
          return set(shard, 'running', now)
        case 'idle':
          return set(shard, 'idle', now)
        case 'checkpoint-triggered':
          return shards.get(shard)?.state !== 'running' && set(shard, 'running', now)
        case 'restarting':
          return set(shard, 'restarting', now, event.error, now + event.delay)
        case 'shard-released':
          return shards.delete(shard)
        case 'process-ended':
          shards.clear()
          end = { state: 'down', since: now, reason: event.error, outcome: null }
          return true
        case 'failed':
          end = { state: 'failed', since: now, reason: event.error, outcome: null }
          return true
        case 'stopped':
        case 'finished':
        case 'cancelled':
        case 'left':
          end = { state: 'ended', since: now, reason: null, outcome: event.type }
          return true
        default:
          return false
      }
    },
    stopping(whether) {
      asked = whether
    },
    get now() {
      const all = [...shards.values()]
      const running = all.filter(({ state }) => state === 'running' || state === 'idle').length
      const counts = { all: all.length, running }
      if (end !== null) return { ...end, shards: counts, until: null }
      // The worst one speaks for all.
      const worst = order.map((state) => all.find((one) => one.state === state)).find((one) => one !== undefined)
      const { state, since, reason, until } = worst ?? { state: 'starting', since: start, reason: null, until: null }
      const shown: State = asked && state !== 'restarting' ? 'stopping' : state
      return { state: shown, since, shards: counts, reason, until, outcome: null }
    },
  }
}

const order: readonly ShardState[] = ['restarting', 'starting', 'running', 'idle']
