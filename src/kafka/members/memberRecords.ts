/**
 * Records of the members, in partition 1 of the plan topic: what each says about itself and its
 * shards. Written without transactions, so that a hanging plan transaction cannot hide them; read
 * by everybody, by long poll. Each record replaces the one before, so a lost one is no loss.
 */
import { Buffer } from 'node:buffer'
import { hostname } from 'node:os'
import type { Clock } from '../../attempt.ts'
import { abortController, onAbort, sleep } from '../../clock.ts'
import type { HeardRecord, MemberRecord, SaidRecord } from '../../contracts/members.ts'
import { decodeRecord, encodeRecord } from '../../members/memberCodec.ts'
import { outage, patience } from '../../members/outage.ts'
import { createBatchBuilder, withoutTimestamp } from '../batch/batchBuilder.ts'
import { planTopic } from '../ledger/planTopic.ts'
import type { Connections } from '../nodes/connections.ts'
import { leaders as leadersOf } from '../nodes/leaders.ts'
import { tailSplits } from '../reading/tailSplits.ts'
import { apart } from '../sending/apart.ts'

export interface MemberRecordsParts {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly connections: Connections
  /** Plan topic; it may not exist yet. */
  readonly topic: string
  readonly me: Pick<MemberRecord, 'member' | 'instance' | 'zone' | 'threads'>
  /** Called after each record, and after each plan. */
  readonly changed: (what: 'members' | 'plan') => void
  /**
   * Called with the reason when records could not be written, or heard, for a while, and with null
   * when they can.
   */
  readonly unheard: (reason: Error | null) => void
}

export interface MemberRecords {
  readonly heard: ReadonlyMap<string, HeardRecord>
  /**
   * Members that have withdrawn: the group may name them until its next round. Each start of a
   * process is another member, so none comes back.
   */
  readonly left: ReadonlySet<string>
  say(record: SaidRecord): void
  /** Ends the records of this member with a last one, null. Never rejects. */
  withdraw(): Promise<void>
}

const { plan: plans, members } = planTopic

/** Shortest and longest interval of records, ms. */
const [soonest, latest] = [250, 5_000]

/** Pause after a record could not be written, ms. */
const pause = 500

/** How long the last record may take, ms. */
const farewell = 2_000

/** Silence after which the record of a member that left without a word is forgotten, ms. */
const forgotten = 60_000

export function memberRecords(parts: MemberRecordsParts): MemberRecords {
  const { clock, signal, connections, topic, me, changed, unheard } = parts
  const [mute, deaf] = [outage(clock, unheard), outage(clock, unheard)]
  const heard = new Map<string, HeardRecord>()
  const left = new Set<string>()
  const over = abortController()
  onAbort(signal, () => over.abort(), over.signal)
  const leaders = leadersOf({ clock, signal }, connections)
  const key = Buffer.from(me.member)
  // The next record says the same and more, so sending one again for long is useless.
  const send = apart({ clock, signal }, connections, leaders, { limit: patience, ready: () => leaders.topic(topic, 0) })
  let said: SaidRecord = { state: 'running', plan: 0, shards: {} }
  let news = abortController()
  let writing: Promise<void> = Promise.resolve()

  async function append(value: Buffer | null): Promise<void> {
    const builder = createBatchBuilder({ compression: 'none' })
    builder.append(withoutTimestamp, key, value, [])
    await send([{ topic, partition: members, builder }])
  }

  async function write(): Promise<void> {
    while (!over.signal.aborted) {
      news = abortController()
      const begun = clock.monotonic()
      const record = { ...me, host: hostname(), pid: process.pid, ...said }
      const wait = await append(encodeRecord(record)).then(
        () => {
          mute.ended()
          return soonest
        },
        (thrown) => {
          if (!over.signal.aborted) mute.failed(thrown, begun)
          return pause
        },
      )
      await sleep(clock, wait, over.signal)
      await sleep(clock, latest - wait, over.signal, news.signal)
    }
  }

  function read(value: Buffer | null, member: string, old: boolean): void {
    const before = heard.get(member)
    if (value === null) {
      heard.delete(member)
      left.add(member)
    }
    const record = value === null ? null : decodeRecord(value)
    const now = clock.monotonic()
    // After a failure some records are read once more.
    if (record !== null)
      heard.set(
        member,
        old
          ? { ...record, heard: before?.heard ?? now, live: before?.live ?? false }
          : { ...record, heard: now, live: true },
      )
    for (const [one, { heard: at }] of heard) if (now - at > forgotten) heard.delete(one)
  }

  writing = write()
  void tailSplits({
    ...{ clock, signal, connections, topic, partitions: [plans, members] },
    failed: deaf.failed,
    each(partition, record, old) {
      deaf.ended()
      if (partition === members) read(record.value(), (record.key() ?? Buffer.alloc(0)).toString('utf8'), old)
      changed(partition === members ? 'members' : 'plan')
    },
  })

  return {
    heard,
    left,
    say(record) {
      said = record
      news.abort()
    },
    async withdraw() {
      over.abort()
      const last = writing.then(() => append(null)).catch(() => undefined)
      await Promise.race([last, sleep(clock, farewell, signal)])
    },
  }
}
