/** JoinGroup, SyncGroup, Heartbeat and LeaveGroup, at whoever coordinates the group. */
import type { HeartbeatArgs } from '../../../src/kafka/protocol/heartbeat.ts'
import type { JoinGroupArgs } from '../../../src/kafka/protocol/joinGroup.ts'
import type { LeaveGroupArgs } from '../../../src/kafka/protocol/leaveGroup.ts'
import type { SyncGroupArgs } from '../../../src/kafka/protocol/syncGroup.ts'
import { errors } from './errors.ts'
import { type GroupCoordinator, groupCoordinator } from './groupCoordinator.ts'
import { joinError, nothing } from './groupMember.ts'
import type { Arrived, Handler, Shared } from './handler.ts'

interface Known {
  /** Node that coordinates it. */
  node: number
  readonly group: GroupCoordinator
}

/** @param initialDelay ms, group.initial.rebalance.delay.ms */
export function groupHandlers(shared: Shared, initialDelay: number): readonly (readonly [number, Handler])[] {
  const { agenda, topology, moods, random, trace } = shared
  const groups = new Map<string, Known>()
  let count = 0

  /** The group as its coordinator knows it; where that has moved, only what was stored is left. */
  function groupOf(id: string): GroupCoordinator {
    const node = topology.coordinator(keyOf(id))
    const known = groups.get(id) ?? { node, group: groupCoordinator({ agenda, initialDelay, newMemberId }) }
    groups.set(id, known)
    if (known.node !== node) known.group.moved()
    known.node = node
    return known.group
  }

  const newMemberId = (): string => `member-${++count}`

  /** Only the coordinator answers; it may be difficult, as in transactionHandlers.ts. */
  function coordinated<A extends { readonly groupId: string }, R>(
    fail: (errorCode: number, args: A) => R,
    act: (group: GroupCoordinator, args: A, reply: (answer: R) => void) => void,
  ): Handler {
    return ({ node, args }: Arrived, reply) => {
      const refuse = (): void => reply(fail(random.pick(refusals), args))
      if (topology.coordinator(keyOf(args.groupId), node) !== node) return reply(fail(errors.notCoordinator, args))
      const { cutOff = false } = topology.nodes[node - 1] ?? {}
      const replaced = topology.coordinator(keyOf(args.groupId)) !== node
      if (replaced || cutOff) return void agenda.after(random.between(5, 100), refuse)
      if (moods.refuses() || shared.groupsAway) return refuse()
      const lies = moods.lies()
      act(groupOf(args.groupId), args, (answer) => (lies ? refuse() : reply(answer)))
    }
  }

  const join = coordinated<JoinGroupArgs, unknown>(
    (errorCode, { memberId }) => joinError(errorCode, memberId),
    (group, args, reply) =>
      group.join(args, (answer) => {
        trace.note(() => `group: ${answer.memberId} joins -> ${answer.errorCode || `round ${answer.generation}`}`)
        reply(answer)
      }),
  )
  const sync = coordinated<SyncGroupArgs, unknown>(
    (errorCode) => ({ errorCode, assignment: nothing }),
    (group, args, reply) => group.sync(args, reply),
  )
  const beat = coordinated<HeartbeatArgs, unknown>(
    (errorCode) => ({ errorCode }),
    (group, args, reply) => reply({ errorCode: group.heartbeat(args) }),
  )
  const leave = coordinated<LeaveGroupArgs, unknown>(
    (errorCode) => ({ errorCode, members: [] }),
    (group, { memberIds }, reply) => {
      const codes = group.leave(memberIds)
      trace.note(() => `group: ${memberIds.join(', ')} removed -> ${codes.join(', ')}`)
      reply({ errorCode: 0, members: memberIds.map((memberId, at) => ({ memberId, errorCode: codes[at] as number })) })
    },
  )

  return [
    [11, join],
    [12, beat],
    [13, leave],
    [14, sync],
  ]
}

const keyOf = (id: string): string => `group ${id}`
const refusals = [errors.coordinatorLoading, errors.coordinatorNotAvailable, errors.notCoordinator]
