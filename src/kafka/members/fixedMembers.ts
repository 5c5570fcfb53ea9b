import { planTopicName } from '../../checkpoint/names.ts'
import type { Members, Membership } from '../../contracts/members.ts'
import { required, wholeNumber } from '../../optionRules.ts'
import { checkOptions, type OptionRules } from '../../options.ts'
import type { KafkaCluster } from '../cluster.ts'
import { clusterProblems } from '../clusterProblems.ts'
import { openRecords } from './openRecords.ts'

/** Options of `fixedMembers`. */
export interface FixedMembersOptions {
  /** Number of this process, from 0: the ordinal of a StatefulSet's pod. */
  readonly index: number
  /** Number of processes. */
  readonly of: number
}

/**
 * Spreads the shards of a job over a fixed number of processes, without a consumer group: process i
 * runs the shards k with k % of = i. Nobody takes over the shards of a dead process; whatever
 * started it must start it again.
 *
 *     execute(job, { shards: 15, members: fixedMembers(cluster, { index: ordinal, of: 5 }) })
 *
 * @throws BAD_OPTION with a list of everything that is wrong
 */
export function fixedMembers(cluster: KafkaCluster, options: FixedMembersOptions): Members {
  const { index, of } = options ?? {}
  const outside = index >= of ? [`index is ${index}, must be less than of, which is ${of}`] : []
  const problems = [...clusterProblems(cluster), ...outside]
  checkOptions<FixedMembersOptions>('fixedMembers', options, rules, { problems })
  const instance = `process ${index}`
  return {
    instance,
    zone: null,
    fixed: { index, of },
    async open({ clock, signal, prefix, job, member, threads, changed, unheard }): Promise<Membership> {
      const me = { member, instance, zone: null, threads }
      const { records, close } = await openRecords(cluster, {
        ...{ clock, signal, changed, unheard, me, topic: planTopicName(prefix, job) },
      })
      return {
        alive: [{ ...me, groupMember: null }],
        leads: true,
        groupMember: null,
        records: records.heard,
        say: records.say,
        evict: () => Promise.resolve(),
        leave: records.withdraw,
        close,
      }
    },
  }
}

const rules: OptionRules<FixedMembersOptions> = {
  index: required(wholeNumber(0)),
  of: required(wholeNumber(1)),
}
