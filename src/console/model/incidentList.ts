/** Restarts with their cause, the end of the process or of the job, and notices. */
import type { WatchedEvent } from '../subject.ts'
import type { Incident, Reason } from '../view.ts'

/** How many are kept. */
const most = 50

export interface IncidentList {
  /** Returns whether anything has changed. */
  tell(event: WatchedEvent, now: number): boolean
  readonly all: readonly Incident[]
  /** Number of restarts, of those no longer kept as well. */
  readonly restarts: number
}

export function incidentList(): IncidentList {
  let all: readonly Incident[] = []
  let next = 1
  let restarts = 0

  function add(kind: Incident['kind'], shard: number | undefined, at: number, reason: Reason): true {
    all = [...all, { id: next++, at, shard: shard ?? null, kind, reason, resumed: null }].slice(-most)
    if (kind === 'restart' || kind === 'process') restarts += 1
    return true
  }

  return {
    get all() {
      return all
    },
    get restarts() {
      return restarts
    },
    tell(event, now) {
      const { shard } = event
      switch (event.type) {
        case 'restarting':
          return add('restart', shard, now, event.error)
        case 'process-ended':
          return add('process', shard, now, event.error)
        case 'failed':
          return add('failed', shard, now, event.error)
        case 'restored': {
          const resumed = { at: now, checkpoint: event.checkpoint }
          const waits = ({ kind, ...one }: Incident): boolean =>
            one.resumed === null && (kind === 'process' || (kind === 'restart' && one.shard === (shard ?? null)))
          if (!all.some(waits)) return false
          all = all.map((one) => (waits(one) ? { ...one, resumed } : one))
          return true
        }
        default: {
          const reason = noticed(event)
          return reason !== null && add('notice', shard, now, reason)
        }
      }
    },
  }
}

/** What a notice says, in a sentence; null for an event that is none. */
function noticed(event: WatchedEvent): Reason | null {
  const said = (what: string, where = '', hint = ''): Reason => ({ code: event.type, what, where, hint })
  switch (event.type) {
    case 'checkpoint-slow': {
      const { checkpoint, elapsed, timeout, holding } = event
      const waits = holding.map(({ operator, what }) => `${operator}: ${what}`).join('; ')
      const why = waits === '' ? '' : `. Its barrier waits in ${waits}`
      return said(`checkpoint ${checkpoint} has taken ${seconds(elapsed)} of at most ${seconds(timeout)}${why}`)
    }
    case 'partition-pinned':
      return said(
        `records cannot be read for ${seconds(event.duration)}, because a transaction is open`,
        `topic ${event.topic}, partition ${event.partition}, offset ${event.offset}`,
      )
    case 'partition-unavailable':
      return said(
        `the partition cannot be read for ${seconds(event.duration)}: ${event.error.code}`,
        `topic ${event.topic}, partition ${event.partition}`,
      )
    case 'broker-unusable':
      return said(`a broker cannot be used: ${event.error.code}`, `broker ${event.broker}`)
    case 'storage-slow':
      return said(`${event.call} of the checkpoint storage has taken ${seconds(event.duration)}`, event.place)
    case 'storage-warning':
      return said(event.message, event.place)
    case 'close-slow':
      return said(`close of ${event.part} has taken ${seconds(event.duration)}`)
    case 'records-past-retention':
      return said(
        `${event.records} records are older than their topic keeps: brokers remove them soon`,
        `operator ${event.operator}, topic ${event.topic}`,
      )
    case 'ledger-weak':
      return said('a single failing broker may lose or stop the job', `topic ${event.topic}`, weak)
    case 'cleanup-failed':
      return said(`old snapshots or read records remain: ${event.error.code}`)
    case 'member-lost':
      return said(`the process ${event.instance} is gone`)
    case 'group-lost':
      return said(`the consumer group of the members is lost: ${event.error.code}`)
    case 'shard-failed':
      return said(`a shard has failed for good on a member: ${event.error.code}: ${event.error.what}`)
    case 'shard-stuck':
      return said(`a shard has committed nothing for ${seconds(event.duration)}${event.moved ? ', and is moved' : ''}`)
    default:
      return null
  }
}

const weak = 'Raise its replication to 3 and min.insync.replicas to 2'

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`
}
