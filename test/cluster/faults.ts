/** Every fault of a cluster that there is: each role, and what can happen to it; and those that hit all of them in turn. */
import type { ClusterFault } from './fault.ts'
import { brokerHappenings, happenings, rolling } from './happenings.ts'
import { roles } from './roles.ts'

/** Of `npm test`: each role, and each kind of thing that can happen, in a few minutes. */
const short: ReadonlySet<string> = new Set([
  'leader of a source partition: cut off from the others',
  'leader of a sink partition: killed',
  'leader of a sink partition: does not hear the job',
  "ledger's leader: stopped",
  "ledger's leader: is not heard by the others",
  'transaction coordinator: paused for 5 s',
  'transaction coordinator: killed',
  'transaction coordinator: cut off from the job only',
  'group coordinator: killed',
  'controller: killed',
  'controller: paused for 20 s',
  'rolling restart',
])

const ofRoles = Object.entries(roles).flatMap(([role, find]) => {
  const possible = role === 'controller' ? happenings : { ...happenings, ...brokerHappenings }
  return Object.entries(possible).map(([what, happen]): ClusterFault => {
    return {
      name: `${role}: ${what}`,
      inject: async (site) => happen(site, await find(site)),
    }
  })
})

const ofAll: readonly ClusterFault[] = [
  { name: 'rolling restart', inject: (site) => rolling(site) },
  { name: 'the job is killed: all sinks show the same checkpoint', inject: (site) => site.standstill() },
]

export const clusterFaults: readonly ClusterFault[] = [...ofRoles, ...ofAll].map((fault) =>
  short.has(fault.name) ? { ...fault, short: true } : fault,
)
