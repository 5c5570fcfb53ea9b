/**
 * Asks which members of a plan are alive, without joining their group: a heartbeat of no round is
 * refused, and the coordinator says why.
 *
 *   UNKNOWN_MEMBER_ID     it is no member any more
 *   ILLEGAL_GENERATION    it is one, in another round
 *
 * A refused heartbeat does not prolong the session of the member.
 */
import type { Clock } from '../../attempt.ts'
import type { Plan } from '../../contracts/plan.ts'
import type { Connections } from '../nodes/connections.ts'
import { coordinators } from '../nodes/coordinators.ts'
import { heartbeat } from '../protocol/heartbeat.ts'

export interface LivingMembersParts {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly connections: Pick<Connections, 'call' | 'coordinator' | 'forgetCoordinator'>
  readonly groupId: string
}

const [illegalGeneration, unknownMember, rebalancing] = [22, 25, 27]
const told: readonly number[] = [illegalGeneration, unknownMember, rebalancing]

/** Round that no group is ever in. */
const noRound = -1

/** Resolves with the names of living members. A member without a group cannot be asked for. */
export async function livingMembers(
  { clock, signal, connections, groupId }: LivingMembersParts,
  members: Plan['members'],
): Promise<readonly string[]> {
  const coordinator = coordinators({ clock, signal }, connections)

  async function isAlive(memberId: string): Promise<boolean> {
    const what = `Heartbeat of group ${groupId}`
    const { code } = await coordinator.ask('group', groupId, what, async (node, options) => {
      const args = { groupId, generation: noRound, memberId }
      const { errorCode } = await connections.call(node, heartbeat, args, options)
      return { code: errorCode, errorCode: told.includes(errorCode) ? 0 : errorCode }
    })
    return code !== unknownMember
  }

  const asked = Object.values(members).map(async ({ instance, groupMember }) =>
    groupMember !== null && (await isAlive(groupMember)) ? [instance] : [],
  )
  return (await Promise.all(asked)).flat()
}
