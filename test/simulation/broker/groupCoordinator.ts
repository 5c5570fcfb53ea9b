/**
 * The members of consumer groups, as a coordinator keeps them (classic protocol): rounds, sessions, and what is left of them where
 * the coordinator moves. A round (PreparingRebalance) waits until every member has joined it, its session has expired, or the longest
 * rebalance timeout is over; a round of an empty group waits for newcomers as well.
 *
 *   empty --join--> preparing --all joined--> completing --leader syncs--> stable --join, leave, expiry--> preparing ...
 */
import type { HeartbeatArgs } from '../../../src/kafka/protocol/heartbeat.ts'
import type { JoinedGroup, JoinGroupArgs } from '../../../src/kafka/protocol/joinGroup.ts'
import type { SyncedGroup, SyncGroupArgs } from '../../../src/kafka/protocol/syncGroup.ts'
import type { Agenda, Entry } from '../core/agenda.ts'
import { errors } from './errors.ts'
import { type JoinReply, joinError, type Member, newMember, nothing, type SyncReply } from './groupMember.ts'

export interface GroupCoordinator {
  join(args: JoinGroupArgs, reply: JoinReply): void
  sync(args: SyncGroupArgs, reply: SyncReply): void
  heartbeat(args: HeartbeatArgs): number
  /** By member. */
  leave(memberIds: readonly string[]): readonly number[]
  /** Another node coordinates the group: it knows what has been stored with the last round that ended, and everybody is alive anew. */
  moved(): void
  /** An empty group is forgotten, and with it the number of its round. */
  forget(): void
  readonly state: State
  readonly generation: number
  /** Member ids, in order. */
  readonly members: readonly string[]
}

type State = 'empty' | 'preparing' | 'completing' | 'stable'

interface Stored {
  readonly generation: number
  readonly leader: string
  readonly members: readonly Member[]
}

export interface GroupCoordinatorParts {
  readonly agenda: Agenda
  /** How long the first round of an empty group waits for newcomers, ms: again with each one, up to the rebalance timeout. */
  readonly initialDelay: number
  newMemberId(): string
}

export function groupCoordinator({ agenda, initialDelay, newMemberId }: GroupCoordinatorParts): GroupCoordinator {
  let state: State = 'empty'
  let generation = 0
  let leader = ''
  let protocol = { type: '', name: '' }
  let members = new Map<string, Member>()
  let stored: Stored = { generation: 0, leader: '', members: [] }
  /** Ids given out to newcomers that have not joined with them yet. */
  const pending = new Map<string, Entry>()
  let deadline: Entry | null = null
  /** The first round of an empty group: until when it waits, and whether somebody has come meanwhile. */
  let first: { readonly until: number; come: boolean } | null = null

  function cancel(entry: Entry | null): void {
    if (entry !== null) agenda.cancel(entry)
  }

  function beat(member: Member): void {
    cancel(member.session)
    member.session = agenda.after(member.sessionTimeout, () => {
      // Whoever waits for an answer is alive: its connection is open.
      if (member.joining !== null || member.syncing !== null) return beat(member)
      remove(member)
    })
  }

  function remove(member: Member): void {
    if (!members.delete(member.id)) return
    cancel(member.session)
    member.joining?.(joinError(errors.unknownMember, member.id))
    member.syncing?.({ errorCode: errors.unknownMember, assignment: nothing })
    member.joining = member.syncing = null
    if (member.id === leader) leader = [...members.keys()][0] ?? ''
    if (state === 'preparing') complete()
    else if (state !== 'empty') prepare()
  }

  function prepare(): void {
    for (const member of members.values()) {
      member.syncing?.({ errorCode: errors.rebalancing, assignment: nothing })
      member.syncing = null
    }
    const longest = Math.max(0, ...[...members.values()].map(({ rebalanceTimeout }) => rebalanceTimeout))
    first = state === 'empty' ? { until: agenda.now() + longest, come: false } : null
    state = 'preparing'
    cancel(deadline)
    if (first === null) deadline = agenda.after(longest, expel)
    else wait(first, Math.min(initialDelay, longest))
    complete()
  }

  /** As long as somebody comes, the first round waits for more. */
  function wait(round: NonNullable<typeof first>, delay: number): void {
    if (delay <= 0) return begin()
    deadline = agenda.after(delay, () => {
      const left = round.until - agenda.now()
      const more = round.come && left > 0
      round.come = false
      if (more) wait(round, Math.min(initialDelay, left))
      else begin()
    })
  }

  /** The first round no longer waits for strangers, only for those that have an id. */
  function begin(): void {
    first = null
    complete()
  }

  /** Whoever has not joined in time is out. */
  function expel(): void {
    for (const entry of pending.values()) agenda.cancel(entry)
    pending.clear()
    for (const member of [...members.values()]) if (member.joining === null) remove(member)
    complete()
  }

  function complete(): void {
    if (state !== 'preparing' || first !== null) return
    if (pending.size > 0 || [...members.values()].some(({ joining }) => joining === null)) return
    cancel(deadline)
    deadline = null
    generation += 1
    if (members.size === 0) {
      state = 'empty'
      stored = { generation, leader: '', members: [] }
      return
    }
    state = 'completing'
    if (!members.has(leader)) leader = [...members.keys()][0] ?? ''
    for (const member of members.values()) answerJoin(member)
    const round = generation
    const longest = Math.max(...[...members.values()].map(({ rebalanceTimeout }) => rebalanceTimeout))
    deadline = agenda.after(longest, () => {
      if (state !== 'completing' || generation !== round) return
      for (const member of [...members.values()]) if (member.syncing === null && !member.synced) remove(member)
    })
    for (const member of members.values()) member.synced = false
  }

  function answerJoin(member: Member): void {
    const all = [...members.values()].map(({ id, metadata }) => ({ memberId: id, metadata }))
    const answer: JoinedGroup = {
      ...{ errorCode: 0, generation, leader, memberId: member.id, members: member.id === leader ? all : [] },
    }
    const reply = member.joining
    member.joining = null
    beat(member)
    reply?.(answer)
  }

  function waitFor(member: Member, { metadata, sessionTimeout, rebalanceTimeout }: JoinGroupArgs, reply: JoinReply) {
    member.joining?.(joinError(errors.unknownMember, member.id))
    Object.assign(member, { metadata, sessionTimeout, rebalanceTimeout, joining: reply })
    beat(member)
  }

  function add(id: string, args: JoinGroupArgs, reply: JoinReply): void {
    cancel(pending.get(id) ?? null)
    pending.delete(id)
    const member = newMember(id, args)
    members.set(id, member)
    if (leader === '') leader = id
    protocol = { type: args.protocolType, name: args.protocolName }
    if (first !== null) first.come = true
    waitFor(member, args, reply)
    if (state === 'preparing') complete()
    else prepare()
  }

  function rejoin(member: Member, args: JoinGroupArgs, reply: JoinReply): void {
    const same = member.metadata.equals(args.metadata)
    const known = same && (state === 'completing' || (state === 'stable' && member.id !== leader))
    waitFor(member, args, reply)
    if (known) return answerJoin(member)
    if (state === 'preparing') complete()
    else prepare()
  }

  const check = (memberId: string, its: number): number => {
    if (!members.has(memberId)) return errors.unknownMember
    return its === generation ? 0 : errors.illegalGeneration
  }

  return {
    get state() {
      return state
    },
    get generation() {
      return generation
    },
    get members() {
      return [...members.keys()]
    },
    join(args, reply) {
      const { memberId, sessionTimeout } = args
      const fail = (errorCode: number, id = memberId): void => reply(joinError(errorCode, id))
      if (sessionTimeout < shortestSession || sessionTimeout > longestSession) return fail(errors.invalidSession)
      if (members.size > 0 && (args.protocolType !== protocol.type || args.protocolName !== protocol.name))
        return fail(errors.inconsistentProtocol)
      if (memberId === '') {
        const id = newMemberId()
        const expired = (): void => {
          pending.delete(id)
          complete()
        }
        pending.set(id, agenda.after(sessionTimeout, expired))
        return fail(errors.memberIdRequired, id)
      }
      const member = members.get(memberId)
      if (member !== undefined) return rejoin(member, args, reply)
      if (pending.has(memberId)) return add(memberId, args, reply)
      fail(errors.unknownMember)
    },
    sync({ memberId, generation: its, assignments }, reply) {
      const fail = (errorCode: number): void => reply({ errorCode, assignment: nothing })
      const errorCode = check(memberId, its)
      if (errorCode !== 0) return fail(errorCode)
      if (state === 'preparing') return fail(errors.rebalancing)
      const member = members.get(memberId) as Member
      beat(member)
      member.synced = true
      if (state === 'stable') return reply({ errorCode: 0, assignment: member.assignment })
      member.syncing = reply
      if (memberId !== leader) return
      for (const one of members.values())
        one.assignment = assignments.find((its) => its.memberId === one.id)?.assignment ?? nothing
      state = 'stable'
      stored = { generation, leader, members: [...members.values()].map((one) => ({ ...one })) }
      for (const one of members.values()) {
        one.syncing?.({ errorCode: 0, assignment: one.assignment } satisfies SyncedGroup)
        one.syncing = null
      }
    },
    heartbeat({ memberId, generation: its }) {
      const errorCode = check(memberId, its)
      if (errorCode !== 0) return errorCode
      beat(members.get(memberId) as Member)
      return state === 'preparing' ? errors.rebalancing : 0
    },
    leave: (memberIds) =>
      memberIds.map((id) => {
        const entry = pending.get(id)
        if (entry !== undefined) {
          agenda.cancel(entry)
          pending.delete(id)
          complete()
          return 0
        }
        const member = members.get(id)
        if (member === undefined) return errors.unknownMember
        remove(member)
        return 0
      }),
    moved() {
      cancel(deadline)
      first = null
      for (const entry of pending.values()) agenda.cancel(entry)
      pending.clear()
      for (const member of members.values()) {
        cancel(member.session)
        member.joining?.(joinError(errors.notCoordinator, member.id))
        member.syncing?.({ errorCode: errors.notCoordinator, assignment: nothing })
      }
      ;({ generation, leader } = stored)
      members = new Map(stored.members.map((one) => [one.id, { ...one, joining: null, syncing: null, session: null }]))
      state = members.size === 0 ? 'empty' : 'stable'
      for (const member of members.values()) beat(member)
    },
    forget() {
      if (state !== 'empty') return
      generation = 0
      stored = { generation: 0, leader: '', members: [] }
    },
  }
}

/** Defaults of group.min.session.timeout.ms and group.max.session.timeout.ms. */
const [shortestSession, longestSession] = [6_000, 1_800_000]
