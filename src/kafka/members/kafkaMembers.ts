import { groupName, planTopicName } from '../../checkpoint/names.ts'
import type { AliveMember, Members, Membership } from '../../contracts/members.ts'
import { milliseconds, nonEmptyText, required } from '../../optionRules.ts'
import { checkOptions, type OptionRules } from '../../options.ts'
import type { KafkaCluster } from '../cluster.ts'
import { clusterProblems } from '../clusterProblems.ts'
import { group } from './group.ts'
import { openRecords } from './openRecords.ts'
import { together } from './together.ts'

/** Options of `kafkaMembers`. */
export interface KafkaMembersOptions {
  /**
   * Name of this process, unique among the processes of the job, which survives a restart: the host
   * name of a pod or machine. A restarted process takes over from its dead predecessor of the same
   * name at once, instead of after `sessionTimeout`.
   */
  readonly instance: string
  /** Failure zone of this process, shown by tools. Default: none. */
  readonly zone?: string | undefined
  /**
   * Silence after which a process counts as dead and its shards are given to others, ms. At least
   * 6,000. Default 10,000.
   */
  readonly sessionTimeout?: number | undefined
}

/**
 * Spreads the shards of a job over all its running processes. They find each other in a consumer
 * group of the cluster, which tells who is alive; the shards of a dead process go to the others.
 *
 *     execute(job, { shards: 16, members: kafkaMembers(cluster, { instance: os.hostname() }) })
 *
 * @throws BAD_OPTION with a list of everything that is wrong
 */
export function kafkaMembers(cluster: KafkaCluster, options: KafkaMembersOptions): Members {
  checkOptions<KafkaMembersOptions>('kafkaMembers', options, rules, { problems: clusterProblems(cluster) })
  const { instance, zone = null, sessionTimeout = 10_000 } = options
  return {
    instance,
    zone,
    fixed: null,
    async open({ clock, signal, prefix, job, member, threads, changed, lost, unheard }): Promise<Membership> {
      const me: AliveMember = { member, instance, zone, threads, groupMember: null }
      const [shared, connections] = await together(
        openRecords(cluster, {
          ...{ clock, signal, changed, unheard, topic: planTopicName(prefix, job) },
          me: { member, instance, zone, threads },
        }),
        cluster.connect('group'),
      )
      const joined = group({
        ...{ clock, signal: shared.signal, connections, aside: shared.connections, me, sessionTimeout, lost },
        groupId: groupName(prefix, job),
        changed: () => changed('members'),
      })
      return {
        get alive() {
          return joined.alive?.filter((one) => !shared.records.left.has(one.member)) ?? null
        },
        get leads() {
          return joined.leads
        },
        get groupMember() {
          return joined.memberId
        },
        records: shared.records.heard,
        say: shared.records.say,
        evict: (members) => (members.length === 0 ? Promise.resolve() : joined.evict(members)),
        async leave() {
          await shared.records.withdraw()
          await joined.leave()
        },
        async close() {
          await shared.close()
          await connections.close()
        },
      }
    },
  }
}

const rules: OptionRules<KafkaMembersOptions> = {
  instance: required(nonEmptyText),
  zone: nonEmptyText,
  sessionTimeout: milliseconds(6_000),
}
