/**
 * Membership in a group of Kafka's classic protocol, with a protocol type of our own. The group
 * only tells who is alive; the leader of a round tells everybody what all have said of themselves.
 *
 *     join --sync--> round 7: a, b, c --heartbeats--> REBALANCE_IN_PROGRESS: join as the same
 *                                                     UNKNOWN_MEMBER_ID: join as a new one
 *                                                     no answer for a session: lost, join
 *
 * A lost group changes nothing for whoever runs shards: the last round stays known, and is joined
 * again for ever. Round numbers decide nothing, since an empty group forgets them.
 */
import type { Clock } from '../../attempt.ts'
import { abortController, onAbort, sleep } from '../../clock.ts'
import type { AliveMember } from '../../contracts/members.ts'
import { toError } from '../../errors.ts'
import { decodeAlive, encodeAlive } from '../../members/memberCodec.ts'
import { brokerError } from '../nodes/brokerErrors.ts'
import type { Api, Connections } from '../nodes/connections.ts'
import { coordinators } from '../nodes/coordinators.ts'
import { heartbeat } from '../protocol/heartbeat.ts'
import { type JoinedGroup, joinGroup } from '../protocol/joinGroup.ts'
import { leaveGroup } from '../protocol/leaveGroup.ts'
import { syncGroup } from '../protocol/syncGroup.ts'

export interface GroupParts {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** For the group alone: a broker answers nothing else on a connection while a round waits. */
  readonly connections: Pick<Connections, 'call' | 'coordinator' | 'forgetCoordinator'>
  /** For LeaveGroup, which must not wait for a round. */
  readonly aside: Pick<Connections, 'call' | 'coordinator' | 'forgetCoordinator'>
  readonly groupId: string
  readonly me: AliveMember
  /** Silence after which a member counts as dead, ms. */
  readonly sessionTimeout: number
  /** Called after each round. */
  readonly changed: () => void
  /** Called with the reason when the group is lost, and with null when it has been rejoined. */
  readonly lost: (reason: Error | null) => void
}

export interface Group {
  /** Members of the last round; null before the first one. */
  readonly alive: readonly AliveMember[] | null
  /** True if this member leads the round, and has heard from the coordinator within a session. */
  readonly leads: boolean
  /** Member id of this process; null if it has none. */
  readonly memberId: string | null
  /** Removes other members. Rejects if the coordinator cannot be asked. */
  evict(memberIds: readonly string[]): Promise<void>
  /** Ends the membership, and tells the coordinator. Never rejects. */
  leave(): Promise<void>
}

const protocolType = 'rxweft'
const protocolName = 'rxweft-1'

/** Interval of heartbeats, ms: how long a new round waits for those who do not know of it yet. */
const beat = 500

/** Pause before a round that has ended at once is joined again, ms. */
const breath = 25

/** Pause before a lost group is joined again, ms. */
const pause = 1_000

/** How long a leaving member waits for the coordinator, ms. */
const farewell = 2_000

const [illegalGeneration, unknownMember, rebalancing, memberIdRequired] = [22, 25, 27, 79]
const outside: readonly number[] = [illegalGeneration, unknownMember, rebalancing, memberIdRequired]

interface Round {
  readonly generation: number
  readonly leads: boolean
  readonly members: readonly AliveMember[]
}

export function group(parts: GroupParts): Group {
  const { clock, connections, aside, groupId, me, sessionTimeout } = parts
  const over = abortController()
  const { signal } = over
  onAbort(parts.signal, () => over.abort(), signal)
  const coordinator = coordinators({ clock, signal }, connections, sessionTimeout)
  const removing = coordinators({ clock, signal: parts.signal }, aside, sessionTimeout)
  /** Empty: none, the coordinator assigns one. */
  let memberId = ''
  let round: Round | null = null
  /** Time of the last request that the coordinator has answered to a member. */
  let heardAt = -Infinity

  /** Sends a request; errors that end a round are part of the answer. */
  async function ask<A, R extends { readonly errorCode: number }>(api: Api<A, R>, args: A): Promise<R> {
    const { answer } = await coordinator.ask(
      'group',
      groupId,
      `${api.name} of group ${groupId}`,
      async (node, options) => {
        const answer = await connections.call(node, api, args, options)
        return { answer, errorCode: outside.includes(answer.errorCode) ? 0 : answer.errorCode }
      },
    )
    if (answer.errorCode === unknownMember) memberId = ''
    return answer
  }

  /** Null if the round has ended before it began. */
  async function join(): Promise<Round | null> {
    const rebalanceTimeout = sessionTimeout
    const metadata = encodeAlive([me])
    const timeouts = { sessionTimeout, rebalanceTimeout }
    const joined = await ask(joinGroup, { groupId, ...timeouts, memberId, protocolType, protocolName, metadata })
    if (joined.errorCode !== unknownMember && joined.memberId !== '') memberId = joined.memberId
    if (joined.errorCode !== 0) return null
    const { generation } = joined
    const everybody = encodeAlive(membersOf(joined))
    const assignments = joined.members.map((one) => ({ memberId: one.memberId, assignment: everybody }))
    const sentAt = clock.monotonic()
    const synced = await ask(syncGroup, { groupId, generation, memberId, assignments, rebalanceTimeout })
    if (synced.errorCode !== 0) return null
    heardAt = sentAt
    return { generation, leads: joined.leader === memberId, members: decodeAlive(synced.assignment) ?? [] }
  }

  /** Resolves when another round must be joined. */
  async function stay({ generation }: Round): Promise<void> {
    for (;;) {
      await sleep(clock, beat, signal)
      if (signal.aborted) return
      const sentAt = clock.monotonic()
      const { errorCode } = await ask(heartbeat, { groupId, generation, memberId })
      if (errorCode !== 0) return
      heardAt = sentAt
    }
  }

  async function live(): Promise<void> {
    let isLost = false
    while (!signal.aborted) {
      try {
        const joined = await join()
        if (signal.aborted) return
        if (joined === null) {
          await sleep(clock, breath, signal)
          continue
        }
        round = joined
        if (isLost) parts.lost(null)
        isLost = false
        parts.changed()
        await stay(joined)
      } catch (thrown) {
        if (signal.aborted) return
        if (!isLost) parts.lost(toError(thrown))
        isLost = true
        await sleep(clock, pause, signal)
      }
    }
  }

  async function remove(memberIds: readonly string[]): Promise<void> {
    const what = `LeaveGroup of group ${groupId}`
    const { members } = await removing.ask('group', groupId, what, async (node, options) => {
      const answer = await aside.call(node, leaveGroup, { groupId, memberIds }, options)
      return answer.errorCode === unknownMember ? { errorCode: 0, members: [] } : answer
    })
    const refused = members.find(({ errorCode }) => errorCode !== 0 && errorCode !== unknownMember)
    if (refused !== undefined) throw brokerError(refused.errorCode, what, {})
  }

  void live()

  return {
    get alive() {
      return round?.members ?? null
    },
    get leads() {
      return (round?.leads ?? false) && clock.monotonic() - heardAt < sessionTimeout
    },
    get memberId() {
      return memberId === '' ? null : memberId
    },
    evict: remove,
    async leave() {
      over.abort()
      if (memberId !== '')
        await Promise.race([remove([memberId]).catch(() => undefined), sleep(clock, farewell, parts.signal)])
    },
  }
}

/** What all have said of themselves. A member of a newer version is left out. */
function membersOf({ members }: JoinedGroup): readonly AliveMember[] {
  const found = members.flatMap(({ memberId, metadata }) =>
    (decodeAlive(metadata) ?? []).map((one) => ({ ...one, groupMember: memberId })),
  )
  // A member that has come back under another id may still be there under the old one.
  return [...new Map(found.map((one) => [one.member, one])).values()]
}
